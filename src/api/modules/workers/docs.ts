import { Type } from "@sinclair/typebox";
import { type OperationDocs, operation } from "../../openapi.ts";
import { pageOf } from "../../page-docs.ts";
import { listQuery, StoppedSchema, targetQuery } from "./schema.ts";

export const workerExample = {
  name: "worker_w667g0gpkn",
  status: "idle",
  pid: 12345,
  hostname: "worker-node-1",
  queues: ["FifoQ"],
  last_heartbeat: "2024-01-01T12:00:00.000+08:00",
  birth_at: "2024-01-01T10:00:00.000+08:00",
  successful_job_count: 150,
  failed_job_count: 2,
  node: "node-1",
  host: null,
  current_jobs: [],
  session: "none",
  busy_seconds: 37.5,
  mean_job_duration: 0.247,
  sessions_opened: 12,
  memory_mb: 58,
};

export const workerPath = { name: { description: "The worker.", example: workerExample.name } };

export const workerMissing = {
  status: 404,
  description: "There is no such worker.",
  example: { message: "no living worker of that name; see GET /worker" },
};

export const listDocs = operation({
  id: "getWorkers",
  tag: "Workers",
  scope: ["read"],
  summary: "Query workers",
  description: "`queue` wins when given, else `node` and `host` narrow together.",
  query: listQuery.schema,
  success: pageOf("Worker", { description: "The workers.", example: workerExample }),
  failures: [422, 503],
});

export const stopDocs = operation({
  id: "stopWorkers",
  tag: "Workers",
  scope: ["admin"],
  summary: "Stop workers",
  description:
    "Interrupts what they run; those jobs end `failed` with `WorkerStopped` and the output so far. `name` wins, else the filters narrow together; one is required.",
  query: targetQuery.schema,
  success: {
    status: 200,
    description: "The names of the workers that were stopped.",
    data: Type.Array(Type.String()),
    beside: { details: Type.Array(StoppedSchema) },
    example: {
      code: 200,
      message: "success",
      data: ["worker_w667g0gpkn"],
      details: [{ worker: "worker_w667g0gpkn", status: "stopped", interrupted_jobs: 0, jobs: [] }],
    },
  },
  failures: [workerMissing, 422, 503],
});

function named(id: string, summary: string, description: string): OperationDocs {
  return {
    id,
    tag: "Workers",
    scope: ["admin"],
    summary,
    description,
    query: targetQuery.schema,
    success: {
      status: 200,
      description: "The names of the workers.",
      data: Type.Array(Type.String()),
      example: { code: 200, message: "success", data: ["worker_w667g0gpkn"] },
    },
    failures: [workerMissing, 422, 503],
  };
}

export const suspendDocs = operation(
  named(
    "suspendWorkers",
    "Suspend workers",
    "They finish what they run and take nothing new. Filters as for DELETE.",
  ),
);

export const resumeDocs = operation(
  named("resumeWorkers", "Resume workers", "Suspended workers take jobs again. Filters as for DELETE."),
);
