import { type Batch, isOver, type JobStatus, NotFound } from "../../../client/index.ts";
import { Badge } from "../components/badge.tsx";
import { BatchBar } from "../components/batch-bar.tsx";
import { useConfirm } from "../components/dialog.tsx";
import { JobTable } from "../components/job-table.tsx";
import { Empty, ErrorNotice, Loading, Notice } from "../components/notice.tsx";
import { Pager, useTrail } from "../components/pager.tsx";
import { count, fullTime, plural } from "../format.ts";
import { usePoll } from "../poll.ts";
import { hrefTo } from "../router.ts";
import { useSession } from "../session.ts";

const EVERY_MS = 2000;
const PAGE = 50;

export function BatchView({ id }: { id: string }) {
  const { api } = useSession();
  const trail = useTrail(id);
  const paging = trail.cursor === undefined ? { limit: PAGE } : { limit: PAGE, cursor: trail.cursor };
  const { data, error, refresh } = usePoll(
    async (signal) => {
      const [batch, jobs] = await Promise.all([
        api.batches.get(id, { signal }),
        api.jobs.list({ batch_id: id, outputs: false, ...paging }, { signal }),
      ]);
      return { batch, jobs };
    },
    EVERY_MS,
    `${id} ${trail.cursor ?? ""}`,
  );
  return (
    <>
      <p class="crumb">
        <a href={hrefTo(["batches"])}>← Batches</a>
      </p>
      <header class="head">
        <h1>
          Batch <code class="id">{id}</code>
        </h1>
        {data !== null && <Actions batch={data.batch} onDone={refresh} />}
      </header>
      {error instanceof NotFound ? (
        <Empty title="There is no such batch">It is forgotten with the last of its jobs.</Empty>
      ) : (
        <ErrorNotice error={error} doing="read the batch" />
      )}
      {data === null ? (
        error === null && <Loading />
      ) : (
        <>
          <Progress batch={data.batch} />
          {data.jobs.items.length > 0 && <JobTable jobs={data.jobs.items} />}
          <Pager trail={trail} next={data.jobs.nextCursor} shown={data.jobs.items.length} what="jobs" />
        </>
      )}
    </>
  );
}

function Actions({ batch, onDone }: { batch: Batch; onDone(): void }) {
  const { api } = useSession();
  const [confirm, ask] = useConfirm();
  const cancel = {
    title: "Cancel this batch?",
    text: "What of it is queued or held is cancelled, now and for good. Jobs that have started go on.",
    action: "Cancel the batch",
    act: async () => {
      await api.batches.cancel(batch.id);
      onDone();
    },
  };
  return (
    <div class="actions">
      {!isOver(batch) && (
        <button type="button" class="danger" onClick={() => ask(cancel)}>
          Cancel batch
        </button>
      )}
      {batch.counts.failed > 0 && (
        <a class="button" href={hrefTo(["console"], { failed: batch.id })}>
          Run the failed again
        </a>
      )}
      {confirm}
    </div>
  );
}

function Progress({ batch }: { batch: Batch }) {
  const { counts, size, forgotten } = batch;
  const ended = counts.finished + counts.failed + counts.cancelled;
  return (
    <section class="panel">
      <h2>
        {count(ended)} of {plural(size, "job")} ended <Badge of={`phase-${batch.phase}`}>{batch.phase}</Badge>
      </h2>
      <BatchBar batch={batch} />
      <ul class="keys">
        {(Object.entries(counts) as [JobStatus, number][]).map(([status, value]) => (
          <li key={status}>
            <i data-state={status} />
            <a href={hrefTo(["jobs"], { batch_id: batch.id, status })}>{status}</a>
            <b>{count(value)}</b>
          </li>
        ))}
      </ul>
      <p class="muted">
        Made {fullTime(batch.created_at)}
        {batch.stop_after_failures !== null &&
          ` · stops after ${plural(batch.stop_after_failures, "failure")}`}
        {batch.canary.length > 0 && ` · ${plural(batch.canary.length, "canary job")}`}
        {forgotten > 0 && ` · ${count(forgotten)} forgotten`}
        {batch.retry_of !== null && (
          <>
            {" · retries "}
            <a href={hrefTo(["batches", batch.retry_of])}>{batch.retry_of}</a>
          </>
        )}
      </p>
      {batch.reason !== null && <Notice title="It was stopped">{batch.reason}</Notice>}
    </section>
  );
}
