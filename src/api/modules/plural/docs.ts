import { Type } from "@sinclair/typebox";
import type { DocumentDecoration } from "elysia";
import { type OperationDocs, operation, ref, success } from "../../openapi.ts";
import { linkHeader } from "../../page-docs.ts";
import { healthExample, systemDown } from "../health/docs.ts";
import { cancelDocs, jobEnded, jobExample, jobMissing, jobPath, listDocs } from "../jobs/docs.ts";
import {
  stopDocs,
  workerExample,
  workerMissing,
  workerPath,
  listDocs as workersDocs,
} from "../workers/docs.ts";
import { oldJob, oldWorker } from "./present.ts";
import { cancelOneQuery, OldCancelledSchema, OldStoppedSchema, oneJobQuery } from "./schema.ts";

const oldJobExample = oldJob({
  ...jobExample,
  status: "finished",
  result: { ...jobExample.result, type: "success" },
});
const oldWorkerExample = oldWorker({ ...workerExample, status: "idle", session: "none" });

type Success = Omit<OperationDocs["success"], "status" | "bare">;

const names = (description: string, example: string): Success => ({
  description,
  data: Type.Array(Type.String()),
  example: [example],
});

const page = (description: string, component: string, example: object): Success => ({
  description,
  data: { type: "array", items: ref(component) },
  headers: linkHeader,
  example: [example],
});

/** The same operation under the path of before, with the answer of before. */
function renamed(docs: DocumentDecoration, operationId: string, path: string, answer: Success) {
  return asBefore({
    ...docs,
    operationId,
    deprecated: true,
    summary: `${docs.summary}: use ${path}`,
    description: "Filters are those of the present path; the answer has no envelope.",
    responses: { ...docs.responses, 200: success({ ...answer, status: 200, bare: true }) },
  });
}

function old(docs: Omit<OperationDocs & { open?: false }, "success" | "deprecated">, answer: Success) {
  const bare = { ...answer, status: 200, bare: true };
  return asBefore(operation({ ...docs, deprecated: true, success: bare } as OperationDocs));
}

/** Refusals have their message as `detail` too. */
function asBefore(docs: object): DocumentDecoration {
  const copy: { responses?: Record<string, Failure> } = structuredClone(docs);
  for (const [status, response] of Object.entries(copy.responses ?? {})) {
    const example = Number(status) >= 400 ? response.content?.["application/json"]?.example : undefined;
    if (example !== undefined) example.detail = example.message;
  }
  return copy as DocumentDecoration;
}

interface Failure {
  content?: Record<string, { example?: { message: string; detail?: string } }>;
}

export const getJobsDocs = renamed(
  listDocs,
  "listJobs",
  "GET /job",
  page("The jobs.", "JobOf04", oldJobExample),
);

export const cancelJobsDocs = renamed(
  cancelDocs,
  "deleteJobs",
  "DELETE /job",
  names("Every job that was cancelled.", jobExample.id),
);

export const getWorkersDocs = renamed(
  workersDocs,
  "listWorkers",
  "GET /worker",
  page("The workers.", "WorkerOf04", oldWorkerExample),
);

export const stopWorkersDocs = renamed(
  stopDocs,
  "deleteWorkers",
  "DELETE /worker",
  names("The names of the workers that were stopped.", workerExample.name),
);

export const getJobDocs = old(
  {
    id: "getJob",
    tag: "Jobs",
    scope: ["read"],
    summary: "One job: use GET /job?id=",
    path: jobPath,
    query: oneJobQuery.schema,
    failures: [jobMissing, 422, 503],
  },
  { description: "The job.", data: ref("JobOf04"), example: oldJobExample },
);

export const cancelJobDocs = old(
  {
    id: "deleteJob",
    tag: "Jobs",
    scope: ["exec", "config"],
    summary: "Cancel one job: use DELETE /job?id=",
    path: jobPath,
    query: cancelOneQuery.schema,
    failures: [jobMissing, jobEnded, 422, 503],
  },
  {
    description: "The job that was cancelled.",
    data: OldCancelledSchema,
    example: { id: jobExample.id },
  },
);

export const getWorkerDocs = old(
  {
    id: "getWorker",
    tag: "Workers",
    scope: ["read"],
    summary: "One worker: use GET /worker",
    path: workerPath,
    failures: [{ ...workerMissing, example: { message: "no worker of that name" } }, 422, 503],
  },
  { description: "The worker.", data: ref("WorkerOf04"), example: oldWorkerExample },
);

export const stopWorkerDocs = old(
  {
    id: "deleteWorker",
    tag: "Workers",
    scope: ["admin"],
    summary: "Stop one worker: use DELETE /worker?name=",
    path: workerPath,
    failures: [workerMissing, 422, 503],
  },
  {
    description: "The worker that was stopped.",
    data: OldStoppedSchema,
    example: { name: workerExample.name },
  },
);

export const statsDocs = old(
  {
    id: "getSystemStats",
    tag: "Health",
    scope: ["read"],
    summary: "How everything is: use GET /health?verbose=true",
    failures: [422, systemDown],
  },
  {
    description: "As with `verbose=true`, without the envelope.",
    data: ref("Health"),
    example: healthExample,
  },
);
