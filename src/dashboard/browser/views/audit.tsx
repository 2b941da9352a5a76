import { useState } from "preact/hooks";
import { type AuditEntry, type AuditFilter, Forbidden } from "../../../client/index.ts";
import { Badge } from "../components/badge.tsx";
import { Empty, ErrorNotice, Loading, Notice } from "../components/notice.tsx";
import { Pager, useTrail } from "../components/pager.tsx";
import { TimeInput } from "../components/time-input.tsx";
import { fullTime } from "../format.ts";
import { usePoll } from "../poll.ts";
import { go, hrefTo } from "../router.ts";
import { useSession } from "../session.ts";

type Query = Readonly<Record<string, string>>;

const EVERY_MS = 5000;
const PAGE = 50;

export function AuditView({ query }: { query: Query }) {
  const { api } = useSession();
  const listing = JSON.stringify(query);
  const trail = useTrail(listing);
  const paging = trail.cursor === undefined ? { limit: PAGE } : { limit: PAGE, cursor: trail.cursor };
  const { data, error } = usePoll(
    (signal) => api.audit.list({ ...(query as AuditFilter), ...paging }, { signal }),
    trail.place === 0 ? EVERY_MS : null,
    `${listing} ${trail.cursor ?? ""}`,
  );
  return (
    <>
      <header class="head">
        <h1>Audit</h1>
        <p class="muted">who did what to which device</p>
      </header>
      <Filters key={listing} query={query} />
      {error instanceof Forbidden ? (
        <Notice title="The audit log needs a key with the scope admin">{error.message}</Notice>
      ) : (
        <ErrorNotice error={error} doing="read the audit log" />
      )}
      {data === null ? error === null && <Loading /> : <Entries entries={data.items} />}
      {data !== null && (
        <Pager trail={trail} next={data.nextCursor} shown={data.items.length} what="entries" />
      )}
    </>
  );
}

function Entries({ entries }: { entries: readonly AuditEntry[] }) {
  if (entries.length === 0) return <Empty title="There is no such entry" />;
  return (
    <div class="table-wrap panel">
      <table class="rows">
        <thead>
          <tr>
            <th>When</th>
            <th>Who</th>
            <th>What</th>
            <th>Outcome</th>
            <th>Device</th>
            <th class="wide">Detail</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry, place) => (
            <tr key={`${entry.at} ${place}`}>
              <td>{fullTime(entry.at)}</td>
              <td>{entry.key}</td>
              <td>{entry.action}</td>
              <td>
                <Badge of={entry.outcome} />
              </td>
              <td>
                {entry.host === null ? "–" : <a href={hrefTo(["devices", entry.host])}>{entry.host}</a>}
              </td>
              <td class="wide">
                <div class="detail">
                  <Link entry={entry} />
                  {entry.detail !== null && (
                    <span class="clamp" title={entry.detail}>
                      {entry.detail}
                    </span>
                  )}
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Link({ entry: { job_id: job, batch_id: batch } }: { entry: AuditEntry }) {
  if (job !== null) {
    return (
      <a data-row href={hrefTo(["jobs", job])} title={job}>
        job
      </a>
    );
  }
  if (batch === null) return null;
  return (
    <a data-row href={hrefTo(["batches", batch])} title={batch}>
      batch
    </a>
  );
}

const FIELDS = [
  ["key", "Key", "ci"],
  ["action", "Action", "exec"],
  ["host", "Device", "192.0.2.1"],
  ["site", "Site", "branch-7"],
  ["job_id", "Job", "job_…"],
  ["batch_id", "Batch", "batch_…"],
] as const;

const TIMES = [
  ["since", "Since"],
  ["until", "Before"],
] as const;

function Filters({ query }: { query: Query }) {
  const [values, setValues] = useState<Record<string, string>>({ ...query });
  const set = (name: string, value: string) => setValues({ ...values, [name]: value });
  const submit = (event: Event) => {
    event.preventDefault();
    go(["audit"], values);
  };
  return (
    <form class="fields panel" onSubmit={submit}>
      {FIELDS.map(([name, label, example], place) => (
        <label key={name}>
          {label}
          <input
            name={name}
            data-search={place === 0 ? "" : undefined}
            placeholder={example}
            spellcheck={false}
            value={values[name] ?? ""}
            onInput={({ currentTarget }) => set(name, currentTarget.value.trim())}
          />
        </label>
      ))}
      {TIMES.map(([name, label]) => (
        <TimeInput key={name} name={name} label={label} value={values[name]} set={(iso) => set(name, iso)} />
      ))}
      <label>
        Outcome
        <select
          value={values.outcome ?? ""}
          onChange={({ currentTarget }) => set("outcome", currentTarget.value)}
        >
          <option value="">any</option>
          <option>done</option>
          <option>refused</option>
        </select>
      </label>
      <div class="actions">
        <button type="submit" class="primary">
          Apply
        </button>
        <button type="button" onClick={() => go(["audit"])}>
          Clear
        </button>
      </div>
    </form>
  );
}
