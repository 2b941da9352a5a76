import type { TaskState } from "../../../core/detached-task.ts";
import type { JobView, TaskView } from "../../../engine/engine.ts";
import type { TimeFormat } from "../../time.ts";
import type { Heard } from "./heard.ts";
import type { LookJson, TaskJson } from "./schema.ts";

/** In words, why a job has not done what it was for. */
export function failureOf({ job, waiting: reason, outputs }: JobView): string {
  const said = outputs?.[0]?.stderr.trim().split("\n").at(-1) ?? "";
  if (job.result?.error) {
    const { type, message } = job.result.error;
    return `${type}: ${message}${type === "CommandError" && said !== "" ? `: ${said.slice(0, 200)}` : ""}`;
  }
  if (job.status === "finished") return "the host has answered something else than was asked for";
  return reason?.message ?? `no answer within job.test_timeout (job ${job.id} is ${job.status})`;
}

export function taskJson(
  { id, state, driver, host, site, command, createdAt, expiresAt }: TaskView,
  time: TimeFormat,
): TaskJson {
  return {
    task_id: id,
    status: statusOf(state),
    driver,
    host,
    site,
    command: [command],
    created_at: time.format(createdAt),
    expires_at: time.format(expiresAt),
  };
}

function statusOf(state: TaskState) {
  return state === "exited" ? "completed" : state;
}

interface Seen {
  task: TaskView;
  time: TimeFormat;
  offset: number;
  output: string;
  heard: Heard | null;
  job: string;
  error: string | null;
}

export function lookJson({ task, time, offset, output, heard, job, error }: Seen): LookJson {
  return {
    ...taskJson(task, time),
    is_running: task.state === "running" || task.state === "launching",
    completed: task.state === "exited",
    exit_status: heard?.exitStatus ?? null,
    pid: heard?.pid ?? null,
    output,
    offset,
    next_offset: heard?.nextOffset ?? offset,
    size: heard?.size ?? null,
    job_id: job,
    error,
  };
}
