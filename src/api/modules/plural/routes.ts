import { Elysia } from "elysia";
import { RequestError } from "../../../core/errors.ts";
import { type ForCaller, forCaller } from "../../caller-engine.ts";
import { presentStopped } from "../../present.ts";
import { noQuery, readQuery } from "../../query.ts";
import { headersWith, reply } from "../../reply.ts";
import { bodyOf, jsonPieces } from "../../stream.ts";
import { type HealthDeps, healthJson } from "../health/routes.ts";
import { cancelJobs, getJobs, type JobsDeps, oneJob } from "../jobs/routes.ts";
import { listWorkers, stopWorkers } from "../workers/routes.ts";
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
import { cancelOneQuery, oneJobQuery } from "./schema.ts";

export interface PluralDeps {
  jobs: ForCaller<JobsDeps>;
  health: HealthDeps;
}

/** The paths of NetPulse 0.4, over the same handlers. */
export function pluralRoutes({ jobs, health }: PluralDeps) {
  const { present, engineOf } = jobs;
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
    .get("/workers", ({ request }) => listWorkers(engineOf(request), present, request.url), {
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

async function getJob(deps: JobsDeps, request: Request, id: string): Promise<Response> {
  const query = readQuery(request.url, oneJobQuery);
  const view = await oneJob(deps, query, id, request);
  const data = (query.result ?? true) ? deps.present.job(view) : deps.present.jobHead(view);
  return new Response(bodyOf(jsonPieces({ code: 200, message: "success", data })), {
    headers: headersWith(undefined),
  });
}

async function cancelJob({ engine }: JobsDeps, url: string, id: string): Promise<Response> {
  const { force = false } = readQuery(url, cancelOneQuery);
  const { cancelled } = await engine.cancelJob({ id, abort: force });
  return reply({ cancelled_count: cancelled.length, cancelled_jobs: cancelled });
}

async function getWorker({ engine, present }: JobsDeps, url: string, name: string): Promise<Response> {
  readQuery(url, noQuery);
  const { workers } = await engine.workers({ filter: { name }, limit: 1 });
  const [worker] = workers;
  if (!worker) throw new RequestError("not_found", "no worker of that name");
  return reply(present.worker(worker));
}

async function stopWorker({ engine }: JobsDeps, url: string, name: string): Promise<Response> {
  readQuery(url, noQuery);
  const stopped = await engine.stopWorkers({ name });
  const names = stopped.map(({ worker }) => worker);
  return reply(names, { beside: { details: stopped.map(presentStopped) } });
}

async function stats(deps: HealthDeps, url: string): Promise<Response> {
  readQuery(url, noQuery);
  return await healthJson(deps, true);
}
