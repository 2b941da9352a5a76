import { useState } from "preact/hooks";
import type { JobQuery, JobStatus } from "../../../client/index.ts";
import { useConfirm } from "../components/dialog.tsx";
import { JobTable } from "../components/job-table.tsx";
import { Empty, ErrorNotice, Loading } from "../components/notice.tsx";
import { Pager, useTrail } from "../components/pager.tsx";
import { SearchBox } from "../components/search-box.tsx";
import { usePoll } from "../poll.ts";
import { go, hrefTo } from "../router.ts";
import { useSession } from "../session.ts";
import { JobFilters } from "./job-filters.tsx";

type Query = Readonly<Record<string, string>>;

const STATUSES = ["queued", "started", "finished", "failed", "cancelled"] as const satisfies JobStatus[];
const PAGE = 50;
const LIVE_MS = 2000;

export function JobsView({ query }: { query: Query }) {
  const { api } = useSession();
  const [live, setLive] = useState(true);
  const listing = JSON.stringify(query);
  const trail = useTrail(listing);
  const isLive = live && trail.place === 0 && query.order !== "asc";
  const { data, error, loading, refresh } = usePoll(
    (signal) => api.jobs.list({ ...filterOf(query), ...pagingOf(trail.cursor) }, { signal }),
    isLive ? LIVE_MS : null,
    `${listing} ${trail.cursor ?? ""}`,
  );
  return (
    <>
      <header class="head">
        <h1>Jobs</h1>
        <label class="switch">
          <input type="checkbox" checked={live} onChange={() => setLive(!live)} />
          Live
        </label>
        <CancelAll query={query} onDone={refresh} />
      </header>
      <div class="bar">
        <StatusTabs query={query} />
        <Search query={query} />
      </div>
      <JobFilters key={listing} query={query} />
      <ErrorNotice error={error} doing="list jobs" />
      <div aria-busy={loading}>
        {data === null ? (
          error === null && <Loading />
        ) : data.items.length === 0 ? (
          <NoJobs query={query} />
        ) : (
          <JobTable jobs={data.items} />
        )}
      </div>
      {data !== null && <Pager trail={trail} next={data.nextCursor} shown={data.items.length} what="jobs" />}
    </>
  );
}

function filterOf(query: Query): JobQuery {
  return { ...(query as JobQuery), outputs: false };
}

function pagingOf(cursor: string | undefined) {
  return cursor === undefined ? { limit: PAGE } : { limit: PAGE, cursor };
}

function NoJobs({ query }: { query: Query }) {
  if (Object.keys(query).length === 0) {
    return (
      <Empty title="There are no jobs yet">
        Run the first command from the <a href={hrefTo(["console"])}>console</a>.
      </Empty>
    );
  }
  return (
    <Empty title="No job is like that">
      <a href={hrefTo(["jobs"])}>Show all jobs</a>
    </Empty>
  );
}

/** Jobs and batches are known by how their ids begin; anything else is a device. */
function Search({ query }: { query: Query }) {
  const [text, setText] = useState(query.host ?? query.batch_id ?? "");
  const submit = (wanted: string) => {
    const { host: _host, batch_id: _batch, ...others } = query;
    if (wanted.startsWith("job_")) go(["jobs", wanted]);
    else if (wanted.startsWith("batch_")) go(["jobs"], { ...others, batch_id: wanted });
    else go(["jobs"], { ...others, host: wanted });
  };
  return (
    <SearchBox
      label="Search by device, job id or batch id"
      placeholder="Device, job id or batch id"
      value={text}
      set={setText}
      onSubmit={submit}
    />
  );
}

function StatusTabs({ query }: { query: Query }) {
  const { status: wanted, ...others } = query;
  return (
    <nav class="chips" aria-label="Status">
      <a href={hrefTo(["jobs"], others)} aria-current={wanted === undefined ? "true" : undefined}>
        all
      </a>
      {STATUSES.map((status) => (
        <a
          key={status}
          href={hrefTo(["jobs"], { ...others, status })}
          aria-current={status === wanted ? "true" : undefined}
        >
          {status}
        </a>
      ))}
    </nav>
  );
}

/** The API wants to know a queue, a device or a batch before it cancels more than one. */
function CancelAll({ query, onDone }: { query: Query; onDone(): void }) {
  const { api } = useSession();
  const [confirm, ask] = useConfirm();
  const { order: _order, status, ...filter } = query;
  const narrow = filter.host ?? filter.queue ?? filter.batch_id;
  if (narrow === undefined || (status !== undefined && status !== "queued")) return null;
  const act = async () => {
    await api.jobs.cancelWhere(filter);
    onDone();
  };
  return (
    <>
      <button
        type="button"
        class="danger"
        onClick={() =>
          ask({
            title: "Cancel what is queued?",
            text: `All queued jobs that match these filters are cancelled, on every page. Jobs that have started go on.`,
            action: "Cancel them",
            act,
          })
        }
      >
        Cancel queued…
      </button>
      {confirm}
    </>
  );
}
