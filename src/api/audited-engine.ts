import { RequestError } from "../core/errors.ts";
import { auditEntry, refusedEntry } from "../engine/audit.ts";
import type { Caller, Engine, ExecRequest, TestRequest } from "../engine/engine.ts";
import type { AuditEntry } from "../storage/audit.ts";
import type { JobFilter, WorkerFilter } from "../storage/storage.ts";

const NEVER = new AbortController().signal;

type NoteEntry = (entry: AuditEntry) => Promise<void>;

/** The engine with what is changed by it, and what is refused, written into the audit log before it is answered. */
export function auditedEngine(engine: Engine, { key }: Caller, noteEntry: NoteEntry): Engine {
  const note = (action: string, about: Partial<AuditEntry>) => noteEntry(auditEntry(key, action, about));

  /** Whoever tries what its key does not allow is of interest as well. */
  async function notingRefusals<R>(
    by: Caller,
    request: ExecRequest | TestRequest,
    attempt: () => Promise<R>,
  ): Promise<R> {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof RequestError && error.kind === "forbidden")
        await noteEntry(refusedEntry(by, request, reasonsOf(error)));
      throw error;
    }
  }

  return {
    ...passing(engine),
    submit: (request, by) => notingRefusals(by, request, () => engine.submit(request, by)),
    test: (request, by, signal) => notingRefusals(by, request, () => engine.test(request, by, signal)),
    runNow: (request, by, signal) => notingRefusals(by, request, () => engine.runNow(request, by, signal)),
    async cancelJob(params) {
      const { cancelled } = await engine.cancelJob(params);
      const device = await deviceOf(params.id);
      await note(params.abort ? "abort" : "cancel", { ...device, job: params.id });
      return { cancelled };
    },
    async cancelJobs(filter) {
      const { cancelled } = await engine.cancelJobs(filter);
      await note("cancel", cancelNote(filter, cancelled));
      return { cancelled };
    },
    async cancelBatch(id) {
      const { cancelled } = await engine.cancelBatch(id);
      await note("cancel", { batch: id, detail: `${cancelled.length} jobs` });
      return { cancelled };
    },
    deliveries: {
      list: (params) => engine.deliveries.list(params),
      get: (id) => engine.deliveries.get(id),
      async replay(id, webhook) {
        const delivery = await engine.deliveries.replay(id, webhook);
        const { jobId, target } = delivery;
        await note("replay_webhook", { ...(await deviceOf(jobId)), job: jobId, detail: target });
        return delivery;
      },
    },
    async stopWorkers(filter) {
      const stopped = await engine.stopWorkers(filter);
      await note(
        "stop_workers",
        workersNote(
          filter,
          stopped.map(({ worker }) => worker),
        ),
      );
      return stopped;
    },
    async suspendWorkers(filter, suspended) {
      const workers = await engine.suspendWorkers(filter, suspended);
      await note(suspended ? "suspend_workers" : "resume_workers", workersNote(filter, workers));
      return workers;
    },
  };

  /** Nothing where the job was forgotten meanwhile. */
  async function deviceOf(id: string): Promise<Partial<AuditEntry>> {
    try {
      const { job } = await engine.job({ id, waitMs: 0, outputs: false, signal: NEVER });
      return { host: job.host, site: job.site };
    } catch (error) {
      if (error instanceof RequestError) return {};
      throw error;
    }
  }

  function cancelNote({ host, batchId, ...filter }: JobFilter, jobs: string[]): Partial<AuditEntry> {
    return {
      host: host ?? null,
      batch: batchId ?? null,
      detail: `${jobs.length} jobs, ${JSON.stringify(filter)}`,
    };
  }

  function workersNote(filter: WorkerFilter, workers: string[]): Partial<AuditEntry> {
    return { host: filter.host ?? null, detail: workers.join(", ") || "none" };
  }
}

function reasonsOf({ fields, message }: RequestError): string {
  return fields.map(({ loc, msg }) => `${loc.join(".")}: ${msg}`).join("; ") || message;
}

/** Every call as it is; an engine need not be an object that can be spread. */
function passing(engine: Engine): Engine {
  return {
    check: (request) => engine.check(request),
    denies: (request, caller) => engine.denies(request, caller),
    submit: (request, caller) => engine.submit(request, caller),
    test: (request, caller, signal) => engine.test(request, caller, signal),
    runNow: (request, caller, signal) => engine.runNow(request, caller, signal),
    tasks: engine.tasks,
    deliveries: engine.deliveries,
    fileGrant: (grant) => engine.fileGrant(grant),
    submitBulk: (bulk, caller) => engine.submitBulk(bulk, caller),
    batch: (id) => engine.batch(id),
    cancelBatch: (id) => engine.cancelBatch(id),
    retryBatch: (params, caller) => engine.retryBatch(params, caller),
    job: (params) => engine.job(params),
    output: (params) => engine.output(params),
    follow: (params) => engine.follow(params),
    jobs: (query) => engine.jobs(query),
    cancelJob: (params) => engine.cancelJob(params),
    cancelJobs: (filter) => engine.cancelJobs(filter),
    workers: (params) => engine.workers(params),
    stopWorkers: (filter) => engine.stopWorkers(filter),
    suspendWorkers: (filter, suspended) => engine.suspendWorkers(filter, suspended),
    health: () => engine.health(),
  };
}
