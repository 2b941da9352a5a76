import { type AuditEntry, type AuditFilter, Forbidden } from "../../../client/index.ts";
import { Badge } from "../components/badge.tsx";
import { type FilterFields, FilterForm } from "../components/filter-form.tsx";
import { Empty, ErrorNotice, Loading, Notice } from "../components/notice.tsx";
import { Pager, useTrail } from "../components/pager.tsx";
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

const FIELDS: FilterFields = {
  texts: [
    ["key", "Key", "ci"],
    ["action", "Action", "exec"],
    ["host", "Device", "192.0.2.1"],
    ["site", "Site", "branch-7"],
    ["job_id", "Job", "job_…"],
    ["batch_id", "Batch", "batch_…"],
  ],
  times: [
    ["since", "Since"],
    ["until", "Before"],
  ],
};

function Filters({ query }: { query: Query }) {
  return (
    <FilterForm
      fields={FIELDS}
      query={query}
      search="key"
      framed
      apply={(values) => go(["audit"], values)}
      clear={() => go(["audit"])}
    >
      {(values, set) => (
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
      )}
    </FilterForm>
  );
}
