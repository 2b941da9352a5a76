import { type Static, Type } from "@sinclair/typebox";
import { shape } from "../../shape.ts";
import { cancelQuery, JobSchema, listQuery } from "../jobs/schema.ts";
import { WorkerSchema } from "../workers/schema.ts";

const { wait, result, outputs } = listQuery.schema.properties;

/** Of a path that names the job. */
export const oneJobQuery = shape(Type.Object({ wait, result, outputs }, { additionalProperties: false }));
export const cancelOneQuery = shape(
  Type.Object({ force: cancelQuery.schema.properties.force }, { additionalProperties: false }),
);

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

const OldOutputSchema = Type.Object({
  command: Type.String({ description: "What was sent, secrets masked." }),
  stdout: Type.String(),
  output: Type.String({ description: "`stdout` again." }),
  stderr: Type.String(),
  error: Type.String({ description: "`stderr` again." }),
  exit_status: Type.Integer({
    description: "Where the device has no such thing: 0 for what it took, else 1.",
  }),
  download_url: Type.Null(),
  metadata: Type.Object({
    host: Type.String(),
    duration_seconds: nullable(Type.Number()),
  }),
  parsed: Type.Unknown({ nullable: true, description: "What a parser has made of the output." }),
});
export type OldOutputJson = Static<typeof OldOutputSchema>;

const OldResultSchema = Type.Object({
  type: Type.Unsafe<1 | 2 | 3>(
    Type.Integer({ enum: [1, 2, 3], description: "1: successful, 2: failed, 3: stopped." }),
  ),
  retval: nullable(Type.Array(OldOutputSchema)),
  error: nullable(Type.Object({ type: Type.String(), message: Type.String() })),
});
export type OldResultJson = Static<typeof OldResultSchema>;

const job = JobSchema.properties;

/** A job as NetPulse 0.4 showed it. */
export const OldJobSchema = Type.Object(
  {
    id: job.id,
    status: job.status,
    created_at: job.created_at,
    enqueued_at: job.enqueued_at,
    started_at: job.started_at,
    ended_at: job.ended_at,
    queue: job.queue,
    worker: job.worker,
    result: nullable(OldResultSchema),
    task_id: Type.Null({ description: "`GET /detached-tasks` has tasks." }),
    duration: job.duration,
    queue_time: job.queue_time,
  },
  { $id: "JobOf04" },
);
export type OldJobJson = Static<typeof OldJobSchema>;

/** A worker as NetPulse 0.4 showed it. */
export const OldWorkerSchema = Type.Pick(
  WorkerSchema,
  [
    "name",
    "status",
    "pid",
    "hostname",
    "queues",
    "last_heartbeat",
    "birth_at",
    "successful_job_count",
    "failed_job_count",
  ],
  { $id: "WorkerOf04" },
);
export type OldWorkerJson = Static<typeof OldWorkerSchema>;

export const OldCancelledSchema = Type.Object({ id: Type.String({ description: "The job." }) });
export const OldStoppedSchema = Type.Object({ name: Type.String({ description: "The worker." }) });
