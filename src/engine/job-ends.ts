import type { Clock } from "../core/clock.ts";
import { isFinal, type Job } from "../core/job.ts";
import type { Storage } from "../storage/storage.ts";
import { Repeat, type Service } from "./repeat.ts";

/** Backs up lost hints for those who wait, ms. */
const LOOK_MS = 1_000;

/** Lets callers wait for the end of jobs: one subscription and one slow look for all of them. */
export class JobEnds implements Service {
  readonly #storage: Storage;
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #look: Repeat;
  #unsubscribe: () => void = () => {};

  constructor(storage: Storage, clock: Clock) {
    this.#storage = storage;
    this.#look = new Repeat({ clock, everyMs: LOOK_MS, round: () => this.#round(), onError: () => {} });
  }

  async start(): Promise<void> {
    this.#unsubscribe = this.#storage.subscribe((hint) => {
      if (hint.kind === "job" && isFinal(hint.status)) this.#wake(hint.id);
    });
    await this.#look.start();
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    await this.#look.stop();
    for (const id of [...this.#waiting.keys()]) this.#wake(id);
  }

  /** Calls `wake` when the job may have ended. Returns the way to stop waiting. */
  on(id: string, wake: () => void): () => void {
    const wakes = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, wakes.add(wake));
    return () => {
      wakes.delete(wake);
      if (wakes.size === 0 && this.#waiting.get(id) === wakes) this.#waiting.delete(id);
    };
  }

  #wake(id: string): void {
    const wakes = this.#waiting.get(id);
    this.#waiting.delete(id);
    for (const wake of wakes ?? []) wake();
  }

  /** A store that does not answer changes nothing: the next look comes. */
  async #round(): Promise<void> {
    const ids = [...this.#waiting.keys()];
    if (ids.length === 0) return;
    const jobs = await this.#storage.get({ ids });
    jobs.forEach((job: Job | null, i) => {
      if (job === null || isFinal(job.status)) this.#wake(ids[i] ?? "");
    });
  }
}
