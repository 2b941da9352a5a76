import { RequestError } from "../core/errors.ts";
import { jobOfDelivery } from "../core/webhook.ts";
import type { Caller, Engine, JobView, Tasks } from "../engine/engine.ts";
import { maySee } from "../engine/permission.ts";
import type { JobFilter } from "../storage/storage.ts";

const NEVER = new AbortController().signal;
/** Jobs looked at in one go. */
const PAGE = 1000;

/** The engine for a key that is limited to devices: it sees what concerns those alone, and `watched` changes it. */
export function narrowedEngine(engine: Engine, watched: Engine, caller: Caller): Engine {
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
