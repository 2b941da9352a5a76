import { isLimited } from "../core/access.ts";
import { RequestError } from "../core/errors.ts";
import { jobOfDelivery } from "../core/webhook.ts";
import { auditEntry, refusedEntry } from "../engine/audit.ts";
import type { Caller, Engine, ExecRequest, JobView, Tasks, TestRequest } from "../engine/engine.ts";
import { maySee } from "../engine/permission.ts";
import type { AuditEntry, AuditStore } from "../storage/audit.ts";
import type { JobFilter, WorkerFilter } from "../storage/storage.ts";

export interface CallerEngineDeps {
  engine: Engine;
  audit: Pick<AuditStore, "appendAudit">;
}

const NEVER = new AbortController().signal;
/** Jobs looked at in one go. */
const PAGE = 1000;

/**
 * The engine as a caller has it: what it changes is written into the audit log before it is answered, and a key that is
 * limited to devices sees and cancels what concerns those alone.
 */
export function callerEngine({ engine, audit }: CallerEngineDeps, caller: Caller): Engine {
  const watched = writing(engine, caller, (entry) => audit.appendAudit({ entries: [entry] }));
  return isLimited(caller.access.devices) ? narrowed(engine, watched, caller) : watched;
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

type NoteEntry = (entry: AuditEntry) => Promise<void>;

function writing(engine: Engine, { key }: Caller, noteEntry: NoteEntry): Engine {
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

function narrowed(engine: Engine, watched: Engine, caller: Caller): Engine {
  const sees = ({ job }: JobView) => maySee(caller, job);

  /** Of another device there is nothing, as far as this key is told. */
  async function mustSee(id: string): Promise<void> {
    const view = await engine.job({ id, waitMs: 0, outputs: false, signal: NEVER });
    if (!sees(view)) throw new RequestError("not_found", "no such job");
  }

  async function seen<R>(delivery: string, ask: () => Promise<R>): Promise<R> {
    await mustSee(jobOfDelivery(delivery));
    return await ask();
  }

  async function queuedJobs(filter: JobFilter): Promise<JobView[]> {
    const found: JobView[] = [];
    let after: number | null = null;
    do {
      const page: Awaited<ReturnType<Engine["jobs"]>> = await engine.jobs({
        filter: { ...filter, status: "queued" },
        order: "asc",
        limit: PAGE,
        outputs: false,
        ...(after !== null && { after }),
      });
      found.push(...page.jobs);
      after = page.next;
    } while (after !== null);
    return found;
  }

  return {
    ...watched,
    async job(params) {
      await mustSee(params.id);
      return await engine.job(params);
    },
    async output(params) {
      await mustSee(params.id);
      return await engine.output(params);
    },
    async *follow(params) {
      await mustSee(params.id);
      yield* engine.follow(params);
    },
    async jobs(query) {
      if (query.filter.host === undefined && query.filter.batchId === undefined) throw nameDevice();
      const { jobs, next } = await engine.jobs(query);
      return { jobs: jobs.filter(sees), next };
    },
    async cancelJob(params) {
      await mustSee(params.id);
      return await watched.cancelJob(params);
    },
    async cancelJobs(filter) {
      const jobs = await queuedJobs(filter);
      const cancelled: string[] = [];
      for (const { job } of jobs.filter(sees)) {
        const done = await watched.cancelJob({ id: job.id, abort: false }).catch(unlessStarted);
        cancelled.push(...done.cancelled);
      }
      return { cancelled };
    },
    async cancelBatch(id) {
      const jobs = await queuedJobs({ batchId: id });
      if (jobs.every(sees)) return await watched.cancelBatch(id);
      throw new RequestError("forbidden", "the batch has jobs on devices that the key is not for");
    },
    async workers(params) {
      const { workers, next } = await engine.workers(params);
      return {
        workers: workers.filter(({ host, site }) => host === null || maySee(caller, { host, site })),
        next,
      };
    },
    tasks: narrowedTasks(engine.tasks, caller),
    deliveries: {
      list: () => Promise.reject(nameJob()),
      get: (id) => seen(id, () => engine.deliveries.get(id)),
      replay: (id, webhook) => seen(id, () => watched.deliveries.replay(id, webhook)),
    },
    stopWorkers: () => Promise.reject(notAll()),
    suspendWorkers: () => Promise.reject(notAll()),
  };
}

function narrowedTasks(tasks: Tasks, caller: Caller): Tasks {
  return {
    async list(params) {
      const page = await tasks.list(params);
      return { tasks: page.tasks.filter((task) => maySee(caller, task)), next: page.next };
    },
    async open(id) {
      const opened = await tasks.open(id);
      if (!maySee(caller, opened.task)) throw new RequestError("not_found", "no such task");
      return opened;
    },
    keep: (login, task) => tasks.keep(login, task),
    mark: (id, state) => tasks.mark(id, state),
    forget: (id) => tasks.forget(id),
  };
}

function unlessStarted(error: unknown): { cancelled: string[] } {
  if (error instanceof RequestError) return { cancelled: [] };
  throw error;
}

function nameDevice(): RequestError {
  return new RequestError("forbidden", "the key is limited to devices: name one by host, or a job by id");
}

function nameJob(): RequestError {
  return new RequestError("forbidden", "the key is limited to devices: name a job by job_id");
}

function notAll(): RequestError {
  return new RequestError("forbidden", "the key is limited to devices, and workers serve others as well");
}

/** What routes need, and the engine of each caller. */
export type ForCaller<D extends { engine: Engine }> = D & { engineOf(request: Request): Engine };

/** The same with the engine as whoever made the request has it. */
export function forCaller<D extends { engine: Engine }>(deps: ForCaller<D>, request: Request): D {
  return { ...deps, engine: deps.engineOf(request) };
}

/** One for each caller: what is known of a key stays the same object until it is looked up anew. */
export function callerEngines(deps: CallerEngineDeps, callerOf: (request: Request) => Caller) {
  const engines = new WeakMap<Caller, Engine>();
  return (request: Request): Engine => {
    const caller = callerOf(request);
    const engine = engines.get(caller) ?? callerEngine(deps, caller);
    engines.set(caller, engine);
    return engine;
  };
}
