import { type Static, Type } from "@sinclair/typebox";
import { WORKER_STATUSES } from "../../../storage/storage.ts";
import { cursorParameter, limitParameter, oneOf, textParameter as text } from "../../parameters.ts";
import { shape } from "../../shape.ts";

const status = oneOf(WORKER_STATUSES, "`dead`: lost or stopped; forgotten after `worker.dead_retention`.");

const filters = {
  queue: text("Queue it listens on.", "pinned_192.0.2.1"),
  node: text("Name of its node.", "node-1"),
  host: text("Host of its device.", "192.0.2.1"),
};

export const listQuery = shape(
  Type.Object(
    {
      ...filters,
      queue: text("Queue it listens on; when given, `node` and `host` are ignored.", "FifoQ"),
      status: Type.Optional(status),
      limit: limitParameter,
      cursor: cursorParameter,
    },
    { additionalProperties: false },
  ),
);

export const targetQuery = shape(
  Type.Object(
    { name: text("Worker name; when given it alone decides.", "worker_w667g0gpkn"), ...filters },
    { additionalProperties: false },
  ),
);

export type ListQuery = Static<typeof listQuery.schema>;
export type TargetQuery = Static<typeof targetQuery.schema>;

const nullableText = (description: string) => Type.Union([Type.String({ description }), Type.Null()]);
const timestamp = (description: string) => Type.String({ description });

/** A worker as the API shows it. */
export const WorkerSchema = Type.Object(
  {
    name: Type.String(),
    status,
    pid: Type.Integer({
      description: "Process that holds its sessions; workers share it. 0 while that is being replaced.",
    }),
    hostname: Type.String({ description: "Machine it runs on." }),
    queues: Type.Array(Type.String()),
    last_heartbeat: timestamp("When its node was last heard of."),
    birth_at: timestamp("When it started."),
    successful_job_count: Type.Integer(),
    failed_job_count: Type.Integer(),
    node: Type.String(),
    host: nullableText("The device of a pinned worker."),
    current_jobs: Type.Array(Type.String(), { description: "Jobs it runs now." }),
    session: oneOf(["connected", "connecting", "none"]),
    busy_seconds: Type.Number({ description: "Time spent on jobs." }),
    mean_job_duration: Type.Union([Type.Number({ description: "Seconds." }), Type.Null()]),
    sessions_opened: Type.Integer(),
    memory_mb: Type.Union([Type.Integer({ description: "Of its process, MiB." }), Type.Null()]),
  },
  { $id: "Worker" },
);
export type WorkerJson = Static<typeof WorkerSchema>;

export const StoppedSchema = Type.Object({
  worker: Type.String(),
  status: oneOf(["stopped", "stopping"], "`stopping`: its node did not confirm in time."),
  interrupted_jobs: Type.Integer({ description: "How many jobs ended with it." }),
  jobs: Type.Array(Type.String(), {
    description:
      "Which jobs: its own, and those of other workers that shared its process, when that hung and was killed.",
  }),
});
export type StoppedJson = Static<typeof StoppedSchema>;
