import type { JobJson, OutputJson, ResultJson } from "../jobs/schema.ts";
import type { WorkerJson } from "../workers/schema.ts";
import type { OldJobJson, OldOutputJson, OldResultJson, OldWorkerJson } from "./schema.ts";

/** The numbers of RQ, which has none for a timeout: a job that took too long had failed. */
const TYPES: Record<ResultJson["type"], OldResultJson["type"]> = {
  success: 1,
  failed: 2,
  timeout: 2,
  stopped: 3,
};

/** A job as NetPulse 0.4 showed it. */
export function oldJob(job: JobJson): OldJobJson {
  return {
    id: job.id,
    status: job.status,
    created_at: job.created_at,
    enqueued_at: job.enqueued_at,
    started_at: job.started_at,
    ended_at: job.ended_at,
    queue: job.queue,
    worker: job.worker,
    result: job.result ? oldResult(job.result, job.host) : null,
    task_id: null,
    duration: job.duration,
    queue_time: job.queue_time,
  };
}

function oldResult({ type, error, outputs }: ResultJson, host: string): OldResultJson {
  return {
    type: TYPES[type],
    retval: outputs.length === 0 ? null : outputs.map((entry) => oldOutput(entry, host)),
    error: error && { type: error.type, message: error.message },
  };
}

/** Its releases called the same by two names. */
function oldOutput(entry: OutputJson, host: string): OldOutputJson {
  const { command, stdout, stderr, exit_status, ok, parsed, duration } = entry;
  return {
    command,
    stdout,
    output: stdout,
    stderr,
    error: stderr,
    exit_status: exit_status ?? (ok ? 0 : 1),
    download_url: null,
    metadata: { host, duration_seconds: duration },
    parsed,
  };
}

/** A worker as NetPulse 0.4 showed it. */
export function oldWorker(worker: WorkerJson): OldWorkerJson {
  return {
    name: worker.name,
    status: worker.status,
    pid: worker.pid,
    hostname: worker.hostname,
    queues: worker.queues,
    last_heartbeat: worker.last_heartbeat,
    birth_at: worker.birth_at,
    successful_job_count: worker.successful_job_count,
    failed_job_count: worker.failed_job_count,
  };
}
