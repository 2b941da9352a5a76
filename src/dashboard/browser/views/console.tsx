import { useLayoutEffect, useState } from "preact/hooks";
import { type BulkAnswer, type Job, ValidationError } from "../../../client/index.ts";
import { ErrorNotice, Loading, Notice } from "../components/notice.tsx";
import { type Draft, draftFrom, EMPTY, requestOf } from "../model/console.ts";
import { type DriverForm, type Forms, readForms, type Wrong } from "../model/forms.ts";
import { keepDraft, keptDraft } from "../model/kept-draft.ts";
import { usePoll } from "../poll.ts";
import { useSession } from "../session.ts";
import { ConsoleForm } from "./console-form.tsx";
import { BulkResult, ExecResult } from "./console-result.tsx";

type Query = Readonly<Record<string, string>>;

export function ConsoleView({ query }: { query: Query }) {
  const { api } = useSession();
  const { data, error } = usePoll(
    async (signal) => {
      const [text, given] = await Promise.all([
        api.system.document({ signal }),
        draftFrom(query, api, signal),
      ]);
      return { forms: readForms(text), given };
    },
    null,
    JSON.stringify(query),
  );
  return (
    <>
      <header class="head">
        <h1>Console</h1>
      </header>
      <ErrorNotice error={error} doing="read what drivers take" />
      {data === null ? (
        error === null && <Loading />
      ) : (
        <Console forms={data.forms} given={data.given} query={query} />
      )}
    </>
  );
}

interface ConsoleProps {
  forms: Forms;
  given: Partial<Draft>;
  query: Query;
}

type Outcome = { kind: "exec"; job: Job } | { kind: "bulk"; answer: BulkAnswer };

function Console({ forms, given, query }: ConsoleProps) {
  const { api } = useSession();
  const [draft, setDraft] = useState(() => begin(forms, given));
  const [wrong, setWrong] = useState<Wrong[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const driver = driverOf(forms, draft.driver);
  const submit = async () => {
    if (driver === undefined || busy) return;
    const read = requestOf(draft, driver, forms);
    setError(null);
    if ("wrong" in read) return setWrong(read.wrong);
    setWrong([]);
    setBusy(true);
    setOutcome(null);
    keepDraft(draft, secretsOf(driver));
    try {
      const { kind, body } = read.request;
      if (kind === "exec") setOutcome({ kind, job: await api.devices.exec(body) });
      else setOutcome({ kind, answer: await api.devices.bulk(body) });
    } catch (reason) {
      setError(reason);
      setWrong(wrongOf(reason));
    }
    setBusy(false);
  };
  useLayoutEffect(() => focusFirstWrong(wrong), [wrong]);
  if (driver === undefined) return <Notice kind="error" title="This NetPulse has no drivers" />;
  return (
    <div class="console">
      <ConsoleForm
        {...{ draft, forms, driver, wrong, busy }}
        again={query.again !== undefined || query.failed !== undefined}
        set={(change) => setDraft({ ...draft, ...change })}
        onSubmit={submit}
      />
      <div class="console-result">
        <ErrorNotice error={error} doing="take the request" />
        {outcome?.kind === "exec" && <ExecResult key={outcome.job.id} id={outcome.job.id} />}
        {outcome?.kind === "bulk" && <BulkResult answer={outcome.answer} />}
        {outcome === null && error === null && (
          <div class="empty">
            <strong>{busy ? "Sending…" : "What comes back is shown here"}</strong>
            {!busy && <p>Output appears as the device prints it.</p>}
          </div>
        )}
      </div>
    </div>
  );
}

/** What the address asks for comes before what was typed last. */
function begin(forms: Forms, given: Partial<Draft>): Draft {
  const kept = keptDraft();
  const draft = { ...EMPTY, ...kept, ...given, connection: { ...kept.connection, ...given.connection } };
  return { ...draft, driver: driverOf(forms, draft.driver)?.name ?? forms.drivers[0]?.name ?? "" };
}

/** The names that requests may use for one another's sake, as the API's description tells them by. */
const ALIASES: Record<string, string> = { netmiko: "cli", paramiko: "linux", pyeapi: "eapi" };

function driverOf({ drivers }: Forms, name: string): DriverForm | undefined {
  return drivers.find((driver) => driver.name === name || driver.name === ALIASES[name]);
}

function secretsOf({ connection }: DriverForm): Set<string> {
  const open = new Set(["text", "number", "flag", "choice"]);
  return new Set(connection.filter(({ kind }) => !open.has(kind)).map(({ name }) => name));
}

function wrongOf(error: unknown): Wrong[] {
  if (!(error instanceof ValidationError)) return [];
  return error.fields.map(({ loc, msg }) => ({
    place: loc.slice(loc[0] === "body" ? 1 : 0).join("."),
    msg,
  }));
}

function focusFirstWrong(wrong: readonly Wrong[]): void {
  if (wrong.length > 0) document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}
