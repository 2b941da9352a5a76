import { operation } from "../../openapi.ts";
import { pageOf } from "../../page-docs.ts";
import { CancelledSchema, cancelQuery, listQuery } from "./schema.ts";

export const jobExample = {
  id: "job_01hk1jvbg0ng3ah6t48jfew500",
  status: "finished",
  queue: "pinned_192.0.2.1",
  created_at: "2024-01-01T12:00:00.000+08:00",
  enqueued_at: "2024-01-01T12:00:00.001+08:00",
  started_at: "2024-01-01T12:00:00.003+08:00",
  ended_at: "2024-01-01T12:00:00.250+08:00",
  worker: "worker_w667g0gpkn",
  result: {
    type: "success",
    retval: "Cisco IOS Software, Version 15.2...",
    error: null,
    outputs: [
      {
        command: "show version",
        stdout: "Cisco IOS Software, Version 15.2...",
        stderr: "",
        exit_status: null,
        ok: true,
        parsed: null,
        parse_error: null,
        started_at: "2024-01-01T12:00:00.010+08:00",
        duration: 0.24,
      },
    ],
    truncated: false,
  },
  duration: 0.247,
  queue_time: 0.002,
  driver: "netmiko",
  host: "192.0.2.1",
  node: "node-1",
  command: ["show version"],
  attempts: 1,
  batch_id: null,
  waiting_on: null,
};

export const jobPath = { id: { description: "The job.", example: jobExample.id } };

export const jobMissing = {
  status: 404,
  description: "There is no such job.",
  example: { message: "no such job; ended jobs are forgotten after result_ttl" },
};

export const jobEnded = {
  status: 409,
  description: "The job has ended, or has started and is not aborted.",
  example: { message: "the job has ended already: finished" },
};

export const listDocs = operation({
  id: "getJobs",
  tag: "Jobs",
  scope: ["read"],
  summary: "Query jobs and their results",
  description:
    "One job by `id`, or a list: filters narrow together, newest first. A page is short only when it is the last one or holds 16 MB; the next one is named by `pagination.next_cursor` and the `Link` header.",
  query: listQuery.schema,
  success: pageOf("Job", { description: "The jobs.", example: jobExample }),
  failures: [jobMissing, 422, 503],
});

export const cancelDocs = operation({
  id: "cancelJobs",
  tag: "Jobs",
  scope: ["exec", "config"],
  summary: "Cancel queued jobs",
  description:
    "By `id`, or all queued jobs that match: one of `queue`, `host` and `batch_id` is required, the rest narrow. A job that has started is not cancelled (409); `force=true` with `id` aborts it.",
  query: cancelQuery.schema,
  success: {
    status: 200,
    description: "Every job that was cancelled.",
    data: CancelledSchema,
    example: { code: 200, message: "success", data: { cancelled_count: 1, cancelled_jobs: [jobExample.id] } },
  },
  failures: [jobMissing, jobEnded, 422, 503],
});
