import { batch, cancelBatch } from "./batches.ts";
import { type BulkDeps, submitBulk } from "./bulk.ts";
import { cancelJob, cancelJobs } from "./cancel.ts";
import { checkRequest } from "./check-request.ts";
import { type DeliveriesDeps, jobDeliveries } from "./deliveries.ts";
import type { Engine } from "./engine.ts";
import { validGrant } from "./file-grants.ts";
import { follow } from "./follow.ts";
import { health } from "./health.ts";
import { JobEnds } from "./job-ends.ts";
import { JobWatch } from "./job-watch.ts";
import { job, jobs } from "./jobs.ts";
import { readOutput } from "./outputs.ts";
import type { Service } from "./repeat.ts";
import { retryBatch } from "./retry-batch.ts";
import { runNow } from "./run-now.ts";
import { denies, submit } from "./submit.ts";
import { knownTasks } from "./tasks.ts";
import { stopWorkers, suspendWorkers, type WorkersDeps } from "./workers.ts";

export interface EngineDeps extends BulkDeps, WorkersDeps, DeliveriesDeps {
  /** Longest a part of the health check may take, ms. */
  healthLimitMs: number;
  /** A node that was not heard of for so long is not counted upon, ms. */
  nodeSilenceMs: number;
  /** Bytes of a job's output that its view shows. */
  inlineOutput: number;
}

/** The engine over a store, as the API uses it. */
export function createEngine(deps: EngineDeps): Engine & Service {
  const { storage, clock, nodeSilenceMs, inlineOutput } = deps;
  const views = { storage, nodeSilenceMs, inlineOutput };
  const ends = new JobEnds(storage, clock);
  const watch = new JobWatch(storage, clock);
  const now: Engine["runNow"] = (request, caller, signal) =>
    runNow({ ...deps, ends }, request, caller, signal);
  return {
    async start() {
      await ends.start();
      await watch.start();
    },
    async stop() {
      await watch.stop();
      await ends.stop();
    },
    check: (request) => checkRequest(deps, request),
    denies: (request, caller) => denies(deps, request, caller),
    submit: (request, caller) => submit(deps, request, caller),
    test: (request, caller, signal) => now({ ...request, operation: { kind: "connect" } }, caller, signal),
    runNow: now,
    tasks: knownTasks(deps),
    deliveries: jobDeliveries(deps),
    submitBulk: (bulk, caller) => submitBulk(deps, bulk, caller),
    batch: (id) => batch(deps, id),
    cancelBatch: (id) => cancelBatch(deps, id),
    retryBatch: (params, caller) => retryBatch(deps, params, caller),
    job: (params) => job({ ...views, clock, ends }, params),
    output: (params) => readOutput(storage, params),
    follow: (params) => follow({ storage, watch }, params),
    jobs: (query) => jobs(views, query),
    cancelJob: (params) => cancelJob(deps, params),
    cancelJobs: (filter) => cancelJobs(deps, filter),
    workers: (params) => storage.listWorkers(params),
    stopWorkers: (filter) => stopWorkers(deps, filter),
    suspendWorkers: (filter, suspended) => suspendWorkers(storage, filter, suspended),
    fileGrant: (text) => validGrant(deps, text),
    health: () => health(deps),
  };
}
