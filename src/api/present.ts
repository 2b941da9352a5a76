import { isFinal, type Job } from "../core/job.ts";
import type { CommandOutput } from "../core/output-log.ts";
import type { JobView, StoppedWorker } from "../engine/engine.ts";
import type { Worker } from "../storage/storage.ts";
import type { JobJson, OutputJson, ResultJson } from "./modules/jobs/schema.ts";
import type { WorkerJson } from "./modules/workers/schema.ts";
import { seconds, timeFormat } from "./time.ts";

/** Turns what the engine knows into what the API shows. */
export interface Presenter {
  job(view: JobView): JobJson;
  /** Without the result: what a list shows when it is asked to leave results out. */
  jobHead(view: Pick<JobView, "job" | "waiting">): JobJson;
  worker(worker: Worker): WorkerJson;
}

export function presenter(timeZone: string): Presenter {
  const { format } = timeFormat(timeZone);
  const time = (ms: number | null) => (ms === null ? null : format(ms));

  function jobJson({ job, waiting }: Pick<JobView, "job" | "waiting">, result?: ResultJson | null): JobJson {
    return {
      id: job.id,
      status: job.status,
      queue: job.queue,
      created_at: format(job.createdAt),
      enqueued_at: format(job.enqueuedAt),
      started_at: time(job.startedAt),
      ended_at: time(job.endedAt),
      worker: job.worker,
      ...(result !== undefined && { result }),
      duration: span(job.startedAt, job.endedAt),
      queue_time: span(job.enqueuedAt, job.startedAt),
      driver: job.driver,
      host: job.host,
      node: job.node,
      command: job.command,
      attempts: job.attempts,
      batch_id: job.batchId,
      waiting_on: waiting && { ...waiting, until: time(waiting.until) },
    };
  }

  function output(entry: CommandOutput): OutputJson {
    return {
      command: entry.command,
      stdout: entry.stdout,
      stderr: entry.stderr,
      exit_status: entry.exitStatus,
      ok: entry.ok,
      parsed: entry.parsed,
      parse_error: entry.parseError,
      started_at: format(entry.startedAt),
      duration: entry.durationMs === null ? null : seconds(entry.durationMs),
    };
  }

  function result({ job, outputs, truncated = false }: JobView): ResultJson | null {
    if (!isFinal(job.status) || job.result === null) return null;
    const entries = outputs ?? [];
    return {
      type: job.result.type,
      retval: retval(job, entries),
      error: job.result.error,
      outputs: entries.map(output),
      truncated,
    };
  }

  return {
    job: (view) => jobJson(view, result(view)),
    jobHead: (view) => jobJson(view),
    worker: (worker) => presentWorker(worker, format),
  };
}

/** `details` of a stop, beside the list of names. */
export function presentStopped({ worker, status, interruptedJobs }: StoppedWorker) {
  return { worker, status, interrupted_jobs: interruptedJobs.length, jobs: interruptedJobs };
}

/** Never negative, as the difference of two times is when the clock was set back in between. */
function span(from: number | null, to: number | null): number | null {
  return from === null || to === null ? null : seconds(Math.max(0, to - from));
}

/** `null` when nothing came back: nothing was sent, or it was interrupted before the first byte. */
function retval(job: Job, outputs: readonly CommandOutput[]): ResultJson["retval"] {
  if (outputs.every(({ ok, stdout }) => ok === null && stdout === "")) return null;
  if (job.retvalShape === "text") return outputs.map(({ stdout }) => stdout).join("");
  // fromEntries defines: a command named __proto__ is a key like any other.
  return Object.fromEntries(outputs.map(({ command, stdout }) => [command, stdout]));
}

function presentWorker(worker: Worker, format: (ms: number) => string): WorkerJson {
  const jobs = worker.successfulJobCount + worker.failedJobCount;
  return {
    name: worker.name,
    status: worker.status,
    pid: worker.pid,
    hostname: worker.hostname,
    queues: [worker.queue],
    last_heartbeat: format(worker.lastHeartbeat),
    birth_at: format(worker.birthAt),
    successful_job_count: worker.successfulJobCount,
    failed_job_count: worker.failedJobCount,
    node: worker.node,
    host: worker.host,
    current_jobs: worker.currentJobs,
    session: worker.session,
    busy_seconds: seconds(worker.busyMs),
    mean_job_duration: jobs === 0 ? null : seconds(worker.busyMs / jobs),
    sessions_opened: worker.sessionsOpened,
    memory_mb: worker.memoryMb,
  };
}
