import type { Field, Values, Wrong } from "../model/forms.ts";

interface FieldsProps {
  fields: readonly Field[];
  values: Values;
  /** What the API calls the object that they stand in. */
  place: string;
  wrong: readonly Wrong[];
  set(name: string, value: string): void;
}

/** A form of what a schema says. */
export function Fields({ fields, values, place, wrong, set }: FieldsProps) {
  return (
    <div class="fields">
      {fields.map((field) => (
        <OneField
          key={field.name}
          field={field}
          id={`${place || "job"}-${field.name}`}
          value={values[field.name] ?? ""}
          problem={problemOf(wrong, [place, field.name].filter(Boolean).join("."))}
          set={(value) => set(field.name, value)}
        />
      ))}
    </div>
  );
}

/** Words in backticks are code. */
function Prose({ text }: { text: string }) {
  return (
    <>
      {text.split("`").map((part, place) => {
        const key = `${place} ${part}`;
        return place % 2 === 0 ? <span key={key}>{part}</span> : <code key={key}>{part}</code>;
      })}
    </>
  );
}

function problemOf(wrong: readonly Wrong[], place: string): string | null {
  return wrong.find((each) => each.place === place || each.place.startsWith(`${place}.`))?.msg ?? null;
}

interface OneFieldProps {
  field: Field;
  id: string;
  value: string;
  problem: string | null;
  set(value: string): void;
}

function OneField({ field, id, value, problem, set }: OneFieldProps) {
  const { name, required, description, kind } = field;
  return (
    <div class={kind === "json" || kind === "long" ? "field whole" : "field"}>
      <label for={id}>
        {name}
        {required && <span class="required"> required</span>}
      </label>
      <Control field={field} id={id} value={value} problem={problem} set={set} />
      {problem !== null && (
        <p id={`${id}-wrong`} class="field-error">
          {problem}
        </p>
      )}
      {description !== "" && (
        <p id={`${id}-help`} class="help" title={description}>
          <Prose text={description} />
        </p>
      )}
    </div>
  );
}

/** More to choose from is looked for by typing. */
const FEW = 12;

function Control({ field, id, value, problem, set }: OneFieldProps) {
  const { kind, choices, required } = field;
  const common = {
    id,
    name: id,
    value,
    "aria-describedby": problem === null ? `${id}-help` : `${id}-wrong`,
    "aria-invalid": problem !== null,
    placeholder: field.default,
    onInput: ({ currentTarget }: { currentTarget: { value: string } }) => set(currentTarget.value),
  };
  const typed = { ...common, required, autocomplete: "off", spellcheck: false };
  if (kind === "flag") return <Choice {...common} choices={["true", "false"]} required={false} />;
  if (kind === "choice" && choices.length <= FEW)
    return <Choice {...common} choices={choices} required={required} />;
  if (kind === "json" || kind === "long") return <textarea {...typed} rows={3} class="mono" />;
  if (kind === "choice") {
    return (
      <>
        <input {...typed} list={`${id}-list`} />
        <datalist id={`${id}-list`}>
          {choices.map((choice) => (
            <option key={choice} value={choice} />
          ))}
        </datalist>
      </>
    );
  }
  if (kind === "secret") return <input {...typed} type="password" autocomplete="new-password" />;
  return <input {...typed} inputMode={kind === "number" ? "decimal" : undefined} />;
}

interface ChoiceProps {
  id: string;
  name: string;
  value: string;
  placeholder: string;
  choices: string[];
  required: boolean;
  onInput(event: { currentTarget: { value: string } }): void;
}

function Choice({ choices, placeholder, required, ...props }: ChoiceProps) {
  return (
    <select {...props} required={required}>
      <option value="">{placeholder === "" ? "default" : `default (${placeholder})`}</option>
      {choices.map((choice) => (
        <option key={choice} value={choice}>
          {JSON.stringify(choice).slice(1, -1)}
        </option>
      ))}
    </select>
  );
}
