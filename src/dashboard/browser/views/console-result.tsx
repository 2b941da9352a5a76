import type { BulkAnswer } from "../../../client/index.ts";
import { Badge } from "../components/badge.tsx";
import { BatchBar } from "../components/batch-bar.tsx";
import { ErrorNotice, Loading, Notice } from "../components/notice.tsx";
import { Outputs } from "../components/output.tsx";
import { Waiting } from "../components/waiting.tsx";
import { duration, plural } from "../format.ts";
import { useLiveJob } from "../model/live-job.ts";
import { usePoll } from "../poll.ts";
import { hrefTo } from "../router.ts";
import { useSession } from "../session.ts";

/** The job that was made, as it goes on. */
export function ExecResult({ id }: { id: string }) {
  const { job, error } = useLiveJob(id);
  const { state, outputs, ended } = job;
  return (
    <>
      <header class="head section">
        <h2 aria-live="polite">
          {state !== null && <Badge of={state.status} />} <a href={hrefTo(["jobs", id])}>{id}</a>
        </h2>
        {state?.duration !== null && state !== null && (
          <span class="muted">ran {duration(state.duration)}</span>
        )}
      </header>
      <ErrorNotice error={error} doing="follow the job" />
      {state?.result?.error && (
        <Notice kind="error" title={state.result.error.type}>
          {state.result.error.message}
        </Notice>
      )}
      {state?.status === "queued" && <Waiting id={id} />}
      {outputs.length === 0 && !ended && error === null && <Loading />}
      <Outputs outputs={outputs} over={ended} />
    </>
  );
}

const MOST_REFUSED = 50;
const EVERY_MS = 1000;

export function BulkResult({ answer }: { answer: BulkAnswer }) {
  const { succeeded, failed, batch_id: id } = answer;
  return (
    <>
      <header class="head section">
        <h2>{plural(succeeded.length, "job")} queued</h2>
        {id !== null && (
          <a class="button" href={hrefTo(["batches", id])}>
            Open the batch
          </a>
        )}
      </header>
      {id !== null && succeeded.length > 0 && <BatchProgress id={id} />}
      {failed.length > 0 && (
        <Notice kind="error" title={`${plural(failed.length, "entry", "entries")} refused`}>
          <ul>
            {failed.slice(0, MOST_REFUSED).map(({ index, host, reason }) => (
              <li key={index}>
                <b>{host}</b> {reason}
              </li>
            ))}
          </ul>
          {failed.length > MOST_REFUSED && <p>and {failed.length - MOST_REFUSED} more</p>}
        </Notice>
      )}
    </>
  );
}

function BatchProgress({ id }: { id: string }) {
  const { api } = useSession();
  const { data, error } = usePoll((signal) => api.batches.get(id, { signal }), EVERY_MS, id);
  if (data === null) return <ErrorNotice error={error} doing="read the batch" />;
  const { finished, failed, started, queued, cancelled } = data.counts;
  return (
    <section class="panel">
      <BatchBar batch={data} />
      <p class="muted">
        {finished} finished, {failed} failed, {started} started, {queued} queued
        {cancelled > 0 && `, ${cancelled} cancelled`}
      </p>
    </section>
  );
}
