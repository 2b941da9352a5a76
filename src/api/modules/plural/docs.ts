import { Type } from "@sinclair/typebox";
import type { DocumentDecoration } from "elysia";
import { operation, ref } from "../../openapi.ts";
import { healthExample, systemDown } from "../health/docs.ts";
import { cancelDocs, jobEnded, jobExample, jobMissing, jobPath, listDocs } from "../jobs/docs.ts";
import { CancelledSchema } from "../jobs/schema.ts";
import {
  stopDocs,
  workerExample,
  workerMissing,
  workerPath,
  listDocs as workersDocs,
} from "../workers/docs.ts";
import { StoppedSchema } from "../workers/schema.ts";
import { cancelOneQuery, oneJobQuery } from "./schema.ts";

const ok = { code: 200, message: "success" };

/** The same operation under the path of before. */
function renamed(docs: DocumentDecoration, operationId: string, path: string): DocumentDecoration {
  return { ...docs, operationId, deprecated: true, summary: `${docs.summary}: use ${path}` };
}

export const getJobsDocs = renamed(listDocs, "listJobs", "GET /job");
export const cancelJobsDocs = renamed(cancelDocs, "deleteJobs", "DELETE /job");
export const getWorkersDocs = renamed(workersDocs, "listWorkers", "GET /worker");
export const stopWorkersDocs = renamed(stopDocs, "deleteWorkers", "DELETE /worker");

export const getJobDocs = operation({
  id: "getJob",
  tag: "Jobs",
  scope: ["read"],
  summary: "One job: use GET /job?id=",
  deprecated: true,
  path: jobPath,
  query: oneJobQuery.schema,
  success: { status: 200, description: "The job.", data: ref("Job"), example: { ...ok, data: jobExample } },
  failures: [jobMissing, 422, 503],
});

export const cancelJobDocs = operation({
  id: "deleteJob",
  tag: "Jobs",
  scope: ["exec", "config"],
  summary: "Cancel one job: use DELETE /job?id=",
  deprecated: true,
  path: jobPath,
  query: cancelOneQuery.schema,
  success: {
    status: 200,
    description: "The job that was cancelled.",
    data: CancelledSchema,
    example: { ...ok, data: { cancelled_count: 1, cancelled_jobs: [jobExample.id] } },
  },
  failures: [jobMissing, jobEnded, 422, 503],
});

export const getWorkerDocs = operation({
  id: "getWorker",
  tag: "Workers",
  scope: ["read"],
  summary: "One worker: use GET /worker",
  deprecated: true,
  path: workerPath,
  success: {
    status: 200,
    description: "The worker.",
    data: ref("Worker"),
    example: { ...ok, data: workerExample },
  },
  failures: [{ ...workerMissing, example: { message: "no worker of that name" } }, 422, 503],
});

export const stopWorkerDocs = operation({
  id: "deleteWorker",
  tag: "Workers",
  scope: ["admin"],
  summary: "Stop one worker: use DELETE /worker?name=",
  deprecated: true,
  path: workerPath,
  success: {
    status: 200,
    description: "Its name.",
    data: Type.Array(Type.String()),
    beside: { details: Type.Array(StoppedSchema) },
    example: {
      ...ok,
      data: [workerExample.name],
      details: [{ worker: workerExample.name, status: "stopped", interrupted_jobs: 0, jobs: [] }],
    },
  },
  failures: [workerMissing, 422, 503],
});

export const statsDocs = operation({
  id: "getSystemStats",
  tag: "Health",
  scope: ["read"],
  summary: "How everything is: use GET /health?verbose=true",
  deprecated: true,
  success: {
    status: 200,
    description: "As with `verbose=true`.",
    data: ref("Health"),
    example: { ...ok, data: healthExample },
  },
  failures: [422, systemDown],
});
