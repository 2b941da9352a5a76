import { Elysia } from "elysia";
import { RequestError } from "../../../core/errors.ts";
import type { Engine } from "../../../engine/engine.ts";
import { type ForCaller, forCaller } from "../../caller-engine.ts";
import { noQuery, readQuery } from "../../query.ts";
import { replyBare } from "../../reply.ts";
import { bodyOf, jsonPieces } from "../../stream.ts";
import { type HealthDeps, healthDetails } from "../health/routes.ts";
import { cancelAsked, findJobs, type JobsDeps, oneJob, presented } from "../jobs/routes.ts";
import { findWorkers, stopAsked } from "../workers/routes.ts";
import {
  cancelJobDocs,
  cancelJobsDocs,
  getJobDocs,
  getJobsDocs,
  getWorkerDocs,
  getWorkersDocs,
  statsDocs,
  stopWorkerDocs,
  stopWorkersDocs,
} from "./docs.ts";
import { oldJob, oldWorker } from "./present.ts";
import { cancelOneQuery, oneJobQuery } from "./schema.ts";

export interface PluralDeps {
  jobs: ForCaller<JobsDeps>;
  health: HealthDeps;
}

/** The paths of NetPulse 0.4 with its answers, which had no envelope, over the same handlers. */
export function pluralRoutes({ jobs, health }: PluralDeps) {
  const { engineOf } = jobs;
  return new Elysia({ name: "plural" })
    .get("/jobs", ({ request }) => getJobs(forCaller(jobs, request), request), { detail: getJobsDocs })
    .delete("/jobs", ({ request }) => cancelJobs(forCaller(jobs, request), request.url), {
      detail: cancelJobsDocs,
    })
    .get("/jobs/:id", ({ request, params }) => getJob(forCaller(jobs, request), request, params.id), {
      detail: getJobDocs,
    })
    .delete(
      "/jobs/:id",
      ({ request, params }) => cancelJob(forCaller(jobs, request), request.url, params.id),
      {
        detail: cancelJobDocs,
      },
    )
    .get("/workers", ({ request }) => getWorkers(forCaller(jobs, request), request.url), {
      detail: getWorkersDocs,
    })
    .delete("/workers", ({ request }) => stopWorkers(engineOf(request), request.url), {
      detail: stopWorkersDocs,
    })
    .get(
      "/workers/:name",
      ({ request, params }) => getWorker(forCaller(jobs, request), request.url, params.name),
      {
        detail: getWorkerDocs,
      },
    )
    .delete(
      "/workers/:name",
      ({ request, params }) => stopWorker(forCaller(jobs, request), request.url, params.name),
      {
        detail: stopWorkerDocs,
      },
    )
    .get("/system/stats", ({ request }) => stats(health, request.url), { detail: statsDocs });
}

/** Whether its refusals say what is wrong as 0.4 did, too. */
export function isOldPath(path: string): boolean {
  return /^\/(?:(?:jobs|workers)(?:\/|$)|system\/stats$)/.test(path);
}

async function getJobs(deps: JobsDeps, request: Request): Promise<Response> {
  const { jobs, headers } = await findJobs(deps, request, "/jobs");
  return replyBare(bodyOf(jsonPieces(jobs.map(oldJob))), headers);
}

async function getJob(deps: JobsDeps, request: Request, id: string): Promise<Response> {
  const query = readQuery(request.url, oneJobQuery);
  const job = presented(deps, await oneJob(deps, query, id, request), query);
  return replyBare(bodyOf(jsonPieces(oldJob(job))));
}

async function cancelJobs(deps: JobsDeps, url: string): Promise<Response> {
  return replyBare(JSON.stringify(await cancelAsked(deps, url)));
}

async function cancelJob({ engine }: JobsDeps, url: string, id: string): Promise<Response> {
  const { force = false } = readQuery(url, cancelOneQuery);
  await engine.cancelJob({ id, abort: force });
  return replyBare(JSON.stringify({ id }));
}

async function getWorkers(deps: JobsDeps, url: string): Promise<Response> {
  const { workers, headers } = await findWorkers(deps, url, "/workers");
  return replyBare(JSON.stringify(workers.map(oldWorker)), headers);
}

async function getWorker({ engine, present }: JobsDeps, url: string, name: string): Promise<Response> {
  readQuery(url, noQuery);
  const { workers } = await engine.workers({ filter: { name }, limit: 1 });
  const [worker] = workers;
  if (!worker) throw new RequestError("not_found", "no worker of that name");
  return replyBare(JSON.stringify(oldWorker(present.worker(worker))));
}

async function stopWorkers(engine: Engine, url: string): Promise<Response> {
  const stopped = await stopAsked(engine, url);
  return replyBare(JSON.stringify(stopped.map(({ worker }) => worker)));
}

async function stopWorker({ engine }: JobsDeps, url: string, name: string): Promise<Response> {
  readQuery(url, noQuery);
  await engine.stopWorkers({ name });
  return replyBare(JSON.stringify({ name }));
}

async function stats(deps: HealthDeps, url: string): Promise<Response> {
  readQuery(url, noQuery);
  return replyBare(JSON.stringify(await healthDetails(deps)));
}
