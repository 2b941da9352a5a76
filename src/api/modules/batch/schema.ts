import { type Static, Type } from "@sinclair/typebox";
import { JOB_STATUSES, type JobStatus } from "../../../core/job.ts";
import { BATCH_PHASES } from "../../../storage/batches.ts";
import { ref } from "../../openapi.ts";
import { cursorParameter, flag, limitParameter, oneOf } from "../../parameters.ts";
import { shape } from "../../shape.ts";
import { BulkAnswerSchema } from "../bulk/schema.ts";
import type { JobJson } from "../jobs/schema.ts";

export const batchQuery = shape(
  Type.Object(
    {
      limit: limitParameter,
      cursor: cursorParameter,
      result: flag("`false` leaves results, and so the devices' output, out.", true),
    },
    { additionalProperties: false },
  ),
);
export type BatchQuery = Static<typeof batchQuery.schema>;

export const retryQuery = shape(
  Type.Object(
    { cancelled: flag("`true`: those that were cancelled as well.", false) },
    { additionalProperties: false },
  ),
);

export type RetryQuery = Static<typeof retryQuery.schema>;

const counted = (description: string) => Type.Integer({ description });

export const BatchSchema = Type.Object(
  {
    id: Type.String(),
    created_at: Type.String(),
    phase: oneOf(
      BATCH_PHASES,
      "`canary`: the first jobs run, the rest is held. `releasing`: they finished well. `open`: nothing is held. `stopping`: what is queued is being cancelled. `stopped`: it was.",
    ),
    reason: Type.Union([Type.String({ description: "Why it was stopped." }), Type.Null()]),
    size: counted("Jobs it is made of."),
    counts: Type.Unsafe<Record<JobStatus, number>>(
      Type.Object(Object.fromEntries(JOB_STATUSES.map((status) => [status, Type.Integer()])), {
        description: "How many are in each status.",
      }),
    ),
    forgotten: counted("Jobs whose `result_ttl` has run out, or that are not stored yet."),
    canary: Type.Array(Type.String(), { description: "The jobs that must finish well first." }),
    stop_after_failures: Type.Union([Type.Integer(), Type.Null()]),
    retry_of: Type.Union([
      Type.String({ description: "The batch whose failed jobs it repeats." }),
      Type.Null(),
    ]),
  },
  { $id: "Batch" },
);
export type BatchJson = Static<typeof BatchSchema>;

/** A batch with a page of its jobs. */
export const BatchPageSchema = Type.Object({
  ...BatchSchema.properties,
  jobs: Type.Array(Type.Unsafe<JobJson>(ref("Job"))),
});
export type BatchPageJson = Static<typeof BatchPageSchema>;

export const RetryAnswerSchema = Type.Object({
  ...BulkAnswerSchema.properties,
  skipped: Type.Integer({ description: "Entries that had not failed." }),
  retry_of: Type.String(),
});
export type RetryAnswerJson = Static<typeof RetryAnswerSchema>;
