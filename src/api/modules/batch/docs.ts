import { operation, ref } from "../../openapi.ts";
import { linkHeader, paginationSchema } from "../../page-docs.ts";
import { batchIdExample, bulkExamples, queuedExample, refusedExample } from "../bulk/docs.ts";
import { jobExample } from "../jobs/docs.ts";
import { CancelledSchema } from "../jobs/schema.ts";
import { BatchPageSchema, batchQuery, RetryAnswerSchema, retryQuery } from "./schema.ts";

const path = { id: { description: "`batch_id` of the answer that made it.", example: batchIdExample } };

const missing = {
  status: 404,
  description: "There is no such batch.",
  example: { message: "no such batch; it is forgotten with the last of its jobs" },
};

const failedExample = {
  ...jobExample,
  batch_id: batchIdExample,
  status: "failed",
  result: {
    type: "failed",
    retval: null,
    error: { type: "ConnectionError", message: "192.0.2.1:22 refused the connection", retryable: true },
    outputs: [],
    truncated: false,
  },
};

export const getBatchDocs = operation({
  id: "getBatch",
  tag: "Batches",
  scope: ["read"],
  summary: "How far a batch has come, and its jobs, failures first",
  description:
    "Counts by status, and a page of the jobs: those that failed first, then started, queued, cancelled and finished ones. A job that changes its status between two pages may be on both, or on neither.",
  path,
  query: batchQuery.schema,
  success: {
    status: 200,
    description: "The batch.",
    data: BatchPageSchema,
    beside: { pagination: paginationSchema },
    headers: linkHeader,
    example: {
      code: 200,
      message: "success",
      data: {
        id: batchIdExample,
        created_at: jobExample.created_at,
        phase: "open",
        reason: null,
        size: 3,
        counts: { queued: 0, started: 0, finished: 2, failed: 1, cancelled: 0 },
        forgotten: 0,
        canary: [],
        stop_after_failures: 3,
        retry_of: null,
        jobs: [failedExample],
      },
      pagination: { next_cursor: "eyJ2IjoxfQ", limit: 1 },
    },
  },
  failures: [missing, 422, 503],
});

export const cancelBatchDocs = operation({
  id: "cancelBatch",
  tag: "Batches",
  scope: ["exec", "config"],
  summary: "Cancel what of a batch is queued or held",
  description:
    "Its started jobs go on. What is still being stored of it is cancelled too, and a canary releases nothing any more.",
  path,
  success: {
    status: 200,
    description: "Every job that was cancelled.",
    data: CancelledSchema,
    example: { code: 200, message: "success", data: { cancelled_count: 1, cancelled_jobs: [jobExample.id] } },
  },
  failures: [missing, 422, 503],
});

export const retryBatchDocs = operation({
  id: "retryBatch",
  tag: "Batches",
  scope: ["exec", "config"],
  summary: "Run the failed jobs of a batch again",
  description:
    "Send the body of the bulk request again: what it held of secrets is erased with each job's end. Those entries are submitted whose job has failed, each at its place, as a batch of their own that names this one in `retry_of`. A batch is retried once: a repeat with the same body answers with the same batch, another body is refused (409); what fails in the retry is retried by its own id. 409 too while jobs of it are queued or started.",
  path,
  query: retryQuery.schema,
  body: { schema: ref("BulkRequest"), examples: bulkExamples },
  success: {
    status: 201,
    description: "The new jobs, and the entries that were refused.",
    data: RetryAnswerSchema,
    headers: { "Idempotency-Replayed": "`true` on a repeat that answers with the first retry." },
    example: {
      code: 200,
      message: "success",
      data: {
        succeeded: [{ ...queuedExample, batch_id: "batch_7c0p9c8v2h4k6m8q0s2t4w6y" }],
        failed: [refusedExample],
        batch_id: "batch_7c0p9c8v2h4k6m8q0s2t4w6y",
        skipped: 1,
        retry_of: batchIdExample,
      },
    },
  },
  failures: [
    missing,
    408,
    {
      status: 409,
      description: "It still goes on, or was retried with another body.",
      example: { message: "the batch still goes on; wait for its end, or cancel it first" },
    },
    413,
    415,
    422,
    503,
  ],
});
