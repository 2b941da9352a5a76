import type { ComponentChildren } from "preact";
import { Fields } from "../components/schema-form.tsx";
import { connectionFields, credentialFields, type Draft, optionFields } from "../model/console.ts";
import type { DriverForm, Field, Forms, Wrong } from "../model/forms.ts";

interface FormProps {
  draft: Draft;
  forms: Forms;
  driver: DriverForm;
  wrong: readonly Wrong[];
  busy: boolean;
  /** It was filled with what a job had. */
  again: boolean;
  set(change: Partial<Draft>): void;
  onSubmit(): void;
}

export function ConsoleForm(props: FormProps) {
  const { draft, driver, forms, wrong, busy, again, set, onSubmit } = props;
  const [first, others] = parted(connectionFields(driver, draft.many));
  const submit = (event: Event) => {
    event.preventDefault();
    onSubmit();
  };
  const quick = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) onSubmit();
  };
  const connection = {
    values: draft.connection,
    place: "connection_args",
    wrong,
    set: (name: string, value: string) => set({ connection: { ...draft.connection, [name]: value } }),
  };
  const options = {
    values: draft.options,
    place: "",
    wrong,
    set: (name: string, value: string) => set({ options: { ...draft.options, [name]: value } }),
  };
  return (
    <form class="panel console-form" noValidate onSubmit={submit} onKeyDown={quick}>
      <Driver {...props} />
      {again && <p class="help">Passwords are not kept beyond a job’s end: give them again.</p>}
      {draft.many && <Devices {...props} />}
      <fieldset>
        <legend>Connection</legend>
        <Fields fields={first} {...connection} />
        <Fields fields={credentialFields(forms)} {...options} />
        <More title="More of the connection" fields={others} of={draft.connection}>
          <Fields fields={others} {...connection} />
        </More>
      </fieldset>
      <Work {...props} />
      <More title="Driver options" fields={driver.args} of={draft.args}>
        <Fields
          fields={driver.args}
          values={draft.args}
          place="driver_args"
          wrong={wrong}
          set={(name, value) => set({ args: { ...draft.args, [name]: value } })}
        />
      </More>
      <More title="Job options" fields={optionFields(forms)} of={draft.options}>
        <Fields fields={optionFields(forms)} {...options} />
      </More>
      <div class="submit">
        <button type="submit" class="primary" disabled={busy}>
          {draft.many ? "Run on all" : "Run"}
        </button>
        <small class="muted">Ctrl-Enter</small>
      </div>
    </form>
  );
}

/** What nearly every request has. */
const FIRST = ["host", "port", "device_type", "username", "password", "secret"];

function parted(fields: Field[]): [Field[], Field[]] {
  const first = FIRST.flatMap((name) => fields.filter((field) => field.name === name));
  return [first, fields.filter((field) => !first.includes(field))];
}

function Driver({ draft, forms, driver, set }: FormProps) {
  return (
    <div class="fields">
      <div class="field">
        <label for="driver">Driver</label>
        <select
          id="driver"
          value={driver.name}
          onChange={({ currentTarget }) => set({ driver: currentTarget.value, args: {} })}
        >
          {forms.drivers.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <p class="help">{driver.summary}</p>
      </div>
      <fieldset class="field segmented">
        <legend>On</legend>
        {[false, true].map((many) => (
          <label key={String(many)}>
            <input type="radio" name="many" checked={draft.many === many} onChange={() => set({ many })} />
            {many ? "many devices" : "one device"}
          </label>
        ))}
      </fieldset>
    </div>
  );
}

function Devices({ draft, wrong, set }: FormProps) {
  const problems = wrong.filter(({ place }) => place.startsWith("devices"));
  return (
    <div class="fields">
      <div class="field whole">
        <label for="devices">Devices</label>
        <textarea
          id="devices"
          class="mono"
          rows={6}
          spellcheck={false}
          value={draft.devices}
          aria-invalid={problems.length > 0}
          aria-describedby="devices-help"
          placeholder={"192.0.2.1\n192.0.2.2:2222"}
          onInput={({ currentTarget }) => set({ devices: currentTarget.value })}
        />
        {problems.slice(0, 5).map(({ place, msg }) => (
          <p key={`${place}${msg}`} class="field-error">
            {msg}
          </p>
        ))}
        <p id="devices-help" class="help">
          One a line, or CSV whose first line names connection arguments:{" "}
          <code>host,port,username,password</code>
        </p>
      </div>
      <Count
        id="canary"
        label="canary"
        help="So many must finish well before the rest begins."
        {...{ wrong }}
        value={draft.canary}
        set={(canary) => set({ canary })}
      />
      <Count
        id="stop_after_failures"
        label="stop_after_failures"
        help="After so many failures the rest is cancelled."
        {...{ wrong }}
        value={draft.stopAfter}
        set={(stopAfter) => set({ stopAfter })}
      />
    </div>
  );
}

interface CountProps {
  id: string;
  label: string;
  help: string;
  value: string;
  wrong: readonly Wrong[];
  set(value: string): void;
}

function Count({ id, label, help, value, wrong, set }: CountProps) {
  const problem = wrong.find(({ place }) => place === id);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        inputMode="numeric"
        value={value}
        aria-invalid={problem !== undefined}
        onInput={({ currentTarget }) => set(currentTarget.value.replace(/\D/g, ""))}
      />
      {problem !== undefined && <p class="field-error">{problem.msg}</p>}
      <p class="help">{help}</p>
    </div>
  );
}

const PARSERS = ["textfsm", "ttp", "regex"];

function Work({ draft, wrong, set }: FormProps) {
  const problem = wrong.find(({ place }) => place === draft.kind || place.startsWith(`${draft.kind}.`));
  return (
    <fieldset>
      <legend>What to run</legend>
      <div class="segmented">
        {(["command", "config"] as const).map((kind) => (
          <label key={kind}>
            <input type="radio" name="kind" checked={draft.kind === kind} onChange={() => set({ kind })} />
            {kind === "command" ? "commands" : "configuration"}
          </label>
        ))}
      </div>
      <label for="text" class="visually-hidden">
        {draft.kind === "command" ? "Commands, one a line" : "Configuration, line by line"}
      </label>
      <textarea
        id="text"
        class="mono"
        rows={5}
        spellcheck={false}
        data-search
        value={draft.text}
        aria-invalid={problem !== undefined}
        placeholder={
          draft.kind === "command"
            ? "show version\nshow ip interface brief"
            : "interface Loopback0\ndescription …"
        }
        onInput={({ currentTarget }) => set({ text: currentTarget.value })}
      />
      {problem !== undefined && <p class="field-error">{problem.msg}</p>}
      <Parsing {...{ draft, set }} />
    </fieldset>
  );
}

function Parsing({ draft, set }: Pick<FormProps, "draft" | "set">) {
  if (draft.kind === "config") return null;
  return (
    <div class="fields">
      <div class="field">
        <label for="parser">Parse the output by</label>
        <select
          id="parser"
          value={draft.parser}
          onChange={({ currentTarget }) => set({ parser: currentTarget.value })}
        >
          <option value="">nothing</option>
          {PARSERS.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </div>
      {draft.parser !== "" && (
        <div class="field whole">
          <label for="template">Template</label>
          <textarea
            id="template"
            class="mono"
            rows={4}
            spellcheck={false}
            value={draft.template}
            onInput={({ currentTarget }) => set({ template: currentTarget.value })}
          />
          <p class="help">
            The template itself, or a file of the template folder. Without one textfsm goes by platform and
            command.
          </p>
        </div>
      )}
    </div>
  );
}

interface MoreProps {
  title: string;
  fields: readonly Field[];
  of: Readonly<Record<string, string>>;
  children: ComponentChildren;
}

function More({ title, fields, of, children }: MoreProps) {
  const given = fields.filter(({ name }) => (of[name] ?? "") !== "").length;
  if (fields.length === 0) return null;
  return (
    <details class="more">
      <summary>
        {title} {given > 0 && <span class="count">{given} given</span>}
      </summary>
      {children}
    </details>
  );
}
