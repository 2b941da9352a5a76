import type { Worker, WorkerTarget } from "../../../client/index.ts";
import { bytes, count, duration } from "../format.ts";
import { hrefTo } from "../router.ts";
import { useSession } from "../session.ts";
import { Badge } from "./badge.tsx";
import { useConfirm } from "./dialog.tsx";
import { Ago } from "./time.tsx";

interface WorkersProps {
  workers: readonly Worker[];
  onDone(): void;
}

export function WorkerTable({ workers, onDone }: WorkersProps) {
  return (
    <div class="table-wrap panel">
      <table class="rows">
        <thead>
          <tr>
            <th>Status</th>
            <th class="wide">Worker</th>
            <th>Queue</th>
            <th>Session</th>
            <th class="number">Good</th>
            <th class="number">Failed</th>
            <th class="number optional">Mean</th>
            <th class="number optional">Memory</th>
            <th class="optional">Heard of</th>
            <th>
              <span class="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {workers.map((worker) => (
            <Row key={worker.name} worker={worker} onDone={onDone} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ worker, onDone }: { worker: Worker; onDone(): void }) {
  const { name, status, queues, host, session, current_jobs: jobs } = worker;
  return (
    <tr>
      <td>
        <Badge of={status} />
      </td>
      <td class="wide">
        <a data-row href={hrefTo(["jobs"], { worker: name })}>
          {name}
        </a>
        <small class="muted">
          {jobs[0] === undefined ? (
            `${worker.node}, pid ${worker.pid}`
          ) : (
            <>
              runs <a href={hrefTo(["jobs", jobs[0]])}>{jobs[0]}</a>
            </>
          )}
        </small>
      </td>
      <td>
        {host === null ? queues.join(", ") : <a href={hrefTo(["devices", host])}>{queues.join(", ")}</a>}
      </td>
      <td>{host === null ? <span class="muted">–</span> : <Badge of={session} />}</td>
      <td class="number">{count(worker.successful_job_count)}</td>
      <td class="number">{count(worker.failed_job_count)}</td>
      <td class="number optional">{duration(worker.mean_job_duration)}</td>
      <td class="number optional">
        {worker.memory_mb === null ? "–" : bytes(worker.memory_mb * 1024 * 1024)}
      </td>
      <td class="optional">
        <Ago at={worker.last_heartbeat} />
      </td>
      <td class="row-actions">
        {status !== "dead" && (
          <WorkerActions what={name} target={{ name }} suspended={status === "suspended"} onDone={onDone} />
        )}
      </td>
    </tr>
  );
}

interface ActionsProps {
  /** What it is called in questions. */
  what: string;
  target: WorkerTarget;
  /** null: some may be, and some not. */
  suspended: boolean | null;
  onDone(): void;
}

/** Suspending is undone by a click; stopping is asked about. */
export function WorkerActions({ what, target, suspended, onDone }: ActionsProps) {
  const { api } = useSession();
  const [confirm, ask] = useConfirm();
  const then = (act: () => Promise<unknown>) => async () => {
    await act();
    onDone();
  };
  const question = {
    title: `Stop ${what}?`,
    text: "What runs there is interrupted, and those jobs fail. A FIFO worker is replaced; a pinned one comes back with its device's next job.",
    action: "Stop",
    act: then(() => api.workers.stop(target)),
  };
  const suspend = {
    title: `Suspend ${what}?`,
    text: "It finishes what it runs and takes nothing new until it is resumed.",
    action: "Suspend",
    act: then(() => api.workers.suspend(target)),
  };
  return (
    <span class="actions">
      {suspended !== true && (
        <button type="button" class="small" onClick={() => ask(suspend)} aria-label={`Suspend ${what}`}>
          Suspend
        </button>
      )}
      {suspended !== false && (
        <button
          type="button"
          class="small"
          onClick={then(() => api.workers.resume(target))}
          aria-label={`Resume ${what}`}
        >
          Resume
        </button>
      )}
      <button type="button" class="small danger" onClick={() => ask(question)} aria-label={`Stop ${what}`}>
        Stop
      </button>
      {confirm}
    </span>
  );
}
