import { RequestError } from "../../../core/errors.ts";
import { isFinal } from "../../../core/job.ts";
import type { Engine, TaskView } from "../../../engine/engine.ts";

/** The job that starts a task, while there is nothing to be seen of the task itself. */
export interface Launch {
  job: string;
  ended: boolean;
  /** Why there is no task. */
  error: string | null;
}

/** Null: the task was started, or nobody knows any more. */
export async function launchOf(engine: Engine, task: TaskView): Promise<Launch | null> {
  if (task.state !== "launching") return null;
  const id = `job_${task.id.slice("task_".length)}`;
  const { signal } = new AbortController();
  const view = await engine.job({ id, waitMs: 0, outputs: false, signal }).catch((error) => {
    if (error instanceof RequestError && error.kind === "not_found") return null;
    throw error;
  });
  if (view === null || view.job.status === "finished") return null;
  const { status, result } = view.job;
  if (!isFinal(status)) return { job: id, ended: false, error: null };
  const why = result?.error ? `${result.error.type}: ${result.error.message}` : `its job is ${status}`;
  return { job: id, ended: true, error: `it was not started: ${why}` };
}
