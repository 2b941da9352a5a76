import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";

/** The shapes of the API's answers, written down from its documents and from nothing else. */

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const exact = <T extends Record<string, TSchema>>(properties: T) =>
  Type.Object(properties, { additionalProperties: false });

/** ISO-8601 with milliseconds and an offset. */
const Time = Type.RegExp(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d$/);
const Seconds = Type.Number({ minimum: 0 });
const Count = Type.Integer({ minimum: 0 });

const OutputSchema = exact({
  command: Type.String(),
  stdout: Type.String(),
  stderr: Type.String(),
  exit_status: nullable(Type.Integer()),
  /** Null, like the duration, for what was interrupted. */
  ok: nullable(Type.Boolean()),
  parsed: Type.Unknown(),
  parse_error: nullable(Type.String()),
  started_at: Time,
  duration: nullable(Seconds),
});
export type Output = Static<typeof OutputSchema>;

const ErrorSchema = exact({
  type: Type.Union(
    [
      "ConnectionError",
      "AuthenticationError",
      "HostKeyError",
      "CircuitOpen",
      "TimeoutError",
      "PromptError",
      "CommandError",
      "ConfigError",
      "ConfigLocked",
      "OutputLimit",
      "TemplateError",
      "CredentialError",
      "JobExpired",
      "JobAborted",
      "WorkerStopped",
      "WorkerLost",
      "InternalError",
    ].map((type) => Type.Literal(type)),
  ),
  message: Type.String({ minLength: 1 }),
  retryable: Type.Boolean(),
});

const ResultSchema = exact({
  type: Type.Union(["success", "failed", "stopped", "timeout"].map((type) => Type.Literal(type))),
  retval: Type.Union([Type.String(), Type.Record(Type.String(), Type.String()), Type.Null()]),
  error: nullable(ErrorSchema),
  outputs: Type.Array(OutputSchema),
  truncated: Type.Boolean(),
});
export type Result = Static<typeof ResultSchema>;

const WaitingSchema = exact({
  reason: Type.Union(
    ["position", "device_busy", "capacity", "no_node", "suspended", "delayed", "held"].map((reason) =>
      Type.Literal(reason),
    ),
  ),
  message: Type.String({ minLength: 1 }),
  ahead: nullable(Count),
  job: nullable(Type.String()),
  until: nullable(Time),
});

export const JobSchema = exact({
  id: Type.RegExp(/^job_\w+$/),
  status: Type.Union(
    ["queued", "started", "finished", "failed", "cancelled"].map((status) => Type.Literal(status)),
  ),
  queue: Type.String({ minLength: 1 }),
  created_at: Time,
  enqueued_at: Time,
  started_at: nullable(Time),
  ended_at: nullable(Time),
  worker: nullable(Type.String()),
  result: nullable(ResultSchema),
  duration: nullable(Seconds),
  queue_time: nullable(Seconds),
  driver: Type.String(),
  host: Type.String(),
  node: nullable(Type.String()),
  command: Type.Array(Type.String()),
  attempts: Count,
  batch_id: nullable(Type.String()),
  waiting_on: nullable(WaitingSchema),
  /** Only where a detached task is started. */
  task_id: Type.Optional(Type.String({ pattern: "^task_" })),
});
export type Job = Static<typeof JobSchema>;

export const WorkerSchema = exact({
  name: Type.String({ minLength: 1 }),
  status: Type.Union(["busy", "idle", "suspended", "dead"].map((status) => Type.Literal(status))),
  /** 0 while its process is being replaced. */
  pid: Type.Integer({ minimum: 0 }),
  hostname: Type.String({ minLength: 1 }),
  queues: Type.Array(Type.String(), { minItems: 1 }),
  last_heartbeat: Time,
  birth_at: Time,
  successful_job_count: Count,
  failed_job_count: Count,
  node: Type.String({ minLength: 1 }),
  host: nullable(Type.String()),
  current_jobs: Type.Array(Type.String()),
  session: Type.Union(["connected", "connecting", "none"].map((session) => Type.Literal(session))),
  busy_seconds: Seconds,
  mean_job_duration: nullable(Seconds),
  sessions_opened: Count,
  memory_mb: nullable(Type.Number({ minimum: 0 })),
});
export type Worker = Static<typeof WorkerSchema>;

export const CancelledSchema = exact({ cancelled_count: Count, cancelled_jobs: Type.Array(Type.String()) });

export const StoppedSchema = exact({
  worker: Type.String(),
  status: Type.Literal("stopped"),
  interrupted_jobs: Count,
  jobs: Type.Array(Type.String()),
});

export const FieldErrorsSchema = Type.Array(
  exact({
    loc: Type.Array(Type.Union([Type.String(), Type.Number()]), { minItems: 1 }),
    msg: Type.String({ minLength: 1 }),
  }),
  { minItems: 1 },
);

/** `value`, known to have the shape; throws with every difference otherwise. */
export function shaped<T extends TSchema>(schema: T, value: unknown, what: string): Static<T> {
  const [first] = Value.Errors(schema, value);
  if (first === undefined) return value as Static<T>;
  const errors = [...Value.Errors(schema, value)].map(({ path, message }) => `${path || "/"}: ${message}`);
  throw new Error(`${what} is not as documented\n${errors.join("\n")}\n${JSON.stringify(value, null, 2)}`);
}
