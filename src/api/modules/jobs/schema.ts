import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { ERROR_TYPES } from "../../../core/errors.ts";
import { JOB_STATUSES, RESULT_TYPES } from "../../../core/job.ts";
import { WAITING_REASONS } from "../../../engine/waiting.ts";
import { MOST_AHEAD } from "../../../storage/ahead.ts";
import { cursorParameter, flag, limitParameter, oneOf, textParameter as text } from "../../parameters.ts";
import { shape } from "../../shape.ts";

/** The longest a request may wait for a job's end, seconds. */
const MAX_WAIT = 60;

function nullable<S extends TSchema>(schema: S) {
  return Type.Union([schema, Type.Null()]);
}

const time = (what: string, example: string) =>
  text(`${what}, ISO-8601; without an offset it is in the server's time zone.`, example);

const id = text("Job ID; when given it alone decides.", "job_01hk1jvbg0ng3ah6t48jfew500");

const filters = {
  queue: text(
    "Queue name: `FifoQ`, or `pinned_{host}`; with a site `FifoQ_{site}`, or `pinned_{site}/{host}`.",
    "pinned_192.0.2.1",
  ),
  status: Type.Optional(oneOf(JOB_STATUSES, "Its status now.")),
  node: text("Name of the node that ran it.", "node-1"),
  host: text("Host of the device: its FIFO jobs as well as its pinned ones.", "192.0.2.1"),
  worker: text("Name of the worker that ran it.", "worker_w667g0gpkn"),
  driver: text("Driver as named in the request.", "netmiko"),
  batch_id: text("The batch it belongs to.", "batch_01hk1jvbg0ng3ah6t48jfew5"),
  since: time("Created at or after this time", "2024-01-01T12:00:00Z"),
  until: time("Created before this time", "2024-01-02T12:00:00"),
};

export const listQuery = shape(
  Type.Object(
    {
      id,
      ...filters,
      order: Type.Optional(oneOf(["desc", "asc"], "`desc`, the default, is newest first.")),
      limit: limitParameter,
      cursor: cursorParameter,
      result: flag("`false` leaves results, and so the devices' output, out.", true),
      outputs: flag("`false` leaves the devices' output out of results; their type and error stay.", true),
      wait: Type.Optional(
        Type.Number({
          minimum: 0,
          maximum: MAX_WAIT,
          description: "With `id`: holds the answer until the job has ended, or this many seconds.",
          examples: [30],
          expected: `seconds from 0 to ${MAX_WAIT}`,
        }),
      ),
    },
    { additionalProperties: false },
  ),
);

export const cancelQuery = shape(
  Type.Object(
    {
      id,
      ...filters,
      force: flag("With `id`: aborts a job that has started.", false),
    },
    { additionalProperties: false },
  ),
);

export type ListQuery = Static<typeof listQuery.schema>;
export type CancelQuery = Static<typeof cancelQuery.schema>;

const timestamp = (description: string) =>
  Type.String({ description, examples: ["2024-01-01T12:00:02.000+08:00"] });
const seconds = (description: string) => Type.Number({ description });

const OutputSchema = Type.Object({
  command: Type.String({ description: "What was sent, secrets masked." }),
  stdout: Type.String(),
  stderr: Type.String(),
  exit_status: nullable(Type.Integer({ description: "Where the device has such a thing." })),
  ok: nullable(
    Type.Boolean({
      description:
        "false: it was refused, or a line of configuration that was dropped uncommitted. null: it was interrupted.",
    }),
  ),
  parsed: Type.Unknown({
    nullable: true,
    description:
      "What the parser of the request's `parsing` has made of the output; null where there is none.",
  }),
  parse_error: nullable(Type.String({ description: "Why the parser has made nothing of it." })),
  started_at: timestamp("When it was sent."),
  duration: nullable(seconds("Seconds.")),
});

export const ResultSchema = Type.Object(
  {
    type: oneOf(RESULT_TYPES, "`stopped`: aborted, or its worker was stopped or lost."),
    retval: nullable(
      Type.Union([Type.String(), Type.Record(Type.String(), Type.String())], {
        description:
          "Output as text where the request gave one command or config as text; where it gave a list, an object of outputs by command. `outputs` keeps order and repeated commands too.",
      }),
    ),
    error: nullable(
      Type.Object({
        type: oneOf(ERROR_TYPES, "What kind of failure."),
        message: Type.String(),
        retryable: Type.Boolean({ description: "Whether the same request may succeed later." }),
      }),
    ),
    outputs: Type.Array(OutputSchema, { description: "One entry per command or config line that was sent." }),
    truncated: Type.Boolean({
      description:
        "There is more output than `job.inline_output`, which is not shown here: `GET /job/{id}/output` reads all of it.",
    }),
  },
  { $id: "JobResult" },
);

export const WaitingSchema = Type.Object(
  {
    reason: oneOf(
      WAITING_REASONS,
      "`position`: others come before it, or its turn comes at once. `device_busy`: a job of its device is started. `capacity`: every node that could take its device is full. `no_node`: no living node serves its site, or may run it. `suspended`: all workers of its queue are. `delayed`: its moment has not come, or it pauses before a retry. `held`: the first jobs of its batch have not finished yet.",
    ),
    message: Type.String({ description: "The same for people." }),
    ahead: nullable(
      Type.Integer({
        description: `Jobs of its queue before it as callers take turns now; ${MOST_AHEAD} for that many or more. null in the answer to a submission.`,
      }),
    ),
    job: nullable(Type.String({ description: "The started job of its device." })),
    until: nullable(timestamp("It starts no sooner.")),
  },
  { $id: "JobWaiting" },
);

/** A job as the API shows it. Absent values are null, not missing. */
export const JobSchema = Type.Object(
  {
    id: Type.String({ description: "Sorts by creation.", examples: ["job_01hk1jvbg0ng3ah6t48jfew500"] }),
    status: oneOf(JOB_STATUSES, "`finished` is success; a failure is always `failed`."),
    queue: Type.String({
      description: "`FifoQ`, or `pinned_{host}`; with a site `FifoQ_{site}`, or `pinned_{site}/{host}`.",
    }),
    created_at: timestamp("When the request arrived."),
    enqueued_at: timestamp("When it entered its queue."),
    started_at: nullable(timestamp("When its last run started.")),
    ended_at: nullable(timestamp("When it ended.")),
    worker: nullable(Type.String({ description: "Worker of its last run." })),
    result: Type.Optional(nullable(ResultSchema)),
    duration: nullable(seconds("Seconds from start to end.")),
    queue_time: nullable(seconds("Seconds from enqueueing to start.")),
    driver: Type.String(),
    host: Type.String({ description: "The device." }),
    node: nullable(Type.String({ description: "Node of its last run." })),
    command: Type.Array(Type.String(), { description: "What is sent, secrets masked." }),
    attempts: Type.Integer({ description: "Runs so far." }),
    batch_id: nullable(Type.String()),
    waiting_on: nullable(WaitingSchema),
  },
  { $id: "Job" },
);

export const CancelledSchema = Type.Object({
  cancelled_count: Type.Integer(),
  cancelled_jobs: Type.Array(Type.String(), { description: "Every one of them." }),
});

export type JobJson = Static<typeof JobSchema>;
export type ResultJson = Static<typeof ResultSchema>;
export type OutputJson = Static<typeof OutputSchema>;
export type CancelledJson = Static<typeof CancelledSchema>;
