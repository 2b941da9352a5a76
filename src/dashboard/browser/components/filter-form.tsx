import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { TimeInput } from "./time-input.tsx";

type Values = Readonly<Record<string, string>>;

/** Filters of a list: parameters of the API with what they are called and what they look like. */
export interface FilterFields {
  texts: readonly (readonly [name: string, label: string, example: string])[];
  times: readonly (readonly [name: string, label: string])[];
}

interface FilterFormProps {
  fields: FilterFields;
  query: Values;
  /** Where the key for searching leads. */
  search?: string;
  /** It stands by itself. */
  framed?: boolean;
  apply(values: Values): void;
  clear(): void;
  /** Fields of another kind. */
  children(values: Values, set: (name: string, value: string) => void): ComponentChildren;
}

export function FilterForm({
  fields,
  query,
  search,
  framed = false,
  apply,
  clear,
  children,
}: FilterFormProps) {
  const [values, setValues] = useState<Values>({ ...query });
  const set = (name: string, value: string) => setValues({ ...values, [name]: value });
  const submit = (event: Event) => {
    event.preventDefault();
    apply(values);
  };
  return (
    <form class={framed ? "fields panel" : "fields"} onSubmit={submit}>
      {fields.texts.map(([name, label, example]) => (
        <label key={name}>
          {label}
          <input
            name={name}
            data-search={name === search ? "" : undefined}
            placeholder={example}
            spellcheck={false}
            value={values[name] ?? ""}
            onInput={({ currentTarget }) => set(name, currentTarget.value.trim())}
          />
        </label>
      ))}
      {fields.times.map(([name, label]) => (
        <TimeInput key={name} name={name} label={label} value={values[name]} set={(iso) => set(name, iso)} />
      ))}
      {children(values, set)}
      <div class="actions">
        <button type="submit" class="primary">
          Apply
        </button>
        <button type="button" onClick={clear}>
          Clear
        </button>
      </div>
    </form>
  );
}
