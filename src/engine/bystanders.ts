import type { Storage, Worker } from "../storage/storage.ts";

const PAGE = 1000;

interface Bystander {
  /** The worker whose process it shared. */
  beside: string;
  job: string;
  attempts: number;
}

/**
 * Jobs that run in the process of a worker that does not obey: if that has to be killed, they die with it, and
 * who asked for the one to be stopped learns what else it cost.
 */
export class Bystanders {
  readonly #storage: Storage;
  readonly #stopping: ReadonlySet<string>;
  readonly #looked = new Set<string>();
  readonly #found = new Map<string, Bystander>();

  constructor(storage: Storage, stopping: Iterable<string>) {
    this.#storage = storage;
    this.#stopping = new Set(stopping);
  }

  /** Remembers what runs beside this worker now. Once for each process. */
  async look({ name, node, pid }: Worker): Promise<void> {
    const host = `${node} ${pid}`;
    if (this.#looked.has(host)) return;
    this.#looked.add(host);
    for (let after: string | null | undefined; after !== null; ) {
      const filter = { node, status: "busy" as const };
      const page = await this.#storage.listWorkers({ filter, limit: PAGE, ...(after ? { after } : {}) });
      const here = page.workers.filter((worker) => worker.pid === pid && !this.#stopping.has(worker.name));
      await this.#remember(
        name,
        here.flatMap((worker) => worker.currentJobs),
      );
      after = page.next;
    }
  }

  /** Those that did not live through it, by the worker that was to be stopped. */
  async died(): Promise<Map<string, string[]>> {
    const died = new Map<string, string[]>();
    const found = [...this.#found.values()];
    const jobs = await this.#storage.get({ ids: found.map(({ job }) => job) });
    for (const [index, { beside, job, attempts }] of found.entries()) {
      const now = jobs[index];
      const lost = now?.result?.error?.type === "WorkerLost";
      const again = now?.status === "queued" || (now?.attempts ?? attempts) > attempts;
      if (lost || again) died.set(beside, [...(died.get(beside) ?? []), job]);
    }
    return died;
  }

  async #remember(beside: string, ids: string[]): Promise<void> {
    for (const job of await this.#storage.get({ ids })) {
      if (job?.status === "started") this.#found.set(job.id, { beside, job: job.id, attempts: job.attempts });
    }
  }
}
