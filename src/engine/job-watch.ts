import type { Clock } from "../core/clock.ts";
import type { Storage } from "../storage/storage.ts";
import { Repeat, type Service } from "./repeat.ts";

/** Backs up lost hints for those who follow a job, ms. */
const LOOK_MS = 1_000;

/** Tells who follows a job that it may have moved on: one subscription and one slow clock for all of them. */
export class JobWatch implements Service {
  readonly #storage: Storage;
  readonly #watching = new Map<string, Set<() => void>>();
  readonly #look: Repeat;
  #unsubscribe: () => void = () => {};

  constructor(storage: Storage, clock: Clock) {
    this.#storage = storage;
    const round = async () => {
      for (const id of this.#watching.keys()) this.#wake(id);
    };
    this.#look = new Repeat({ clock, everyMs: LOOK_MS, round, onError: () => {} });
  }

  async start(): Promise<void> {
    this.#unsubscribe = this.#storage.subscribe((hint) => {
      if (hint.kind === "job" || hint.kind === "output") this.#wake(hint.id);
    });
    await this.#look.start();
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    await this.#look.stop();
  }

  /** Calls `wake` whenever something of the job may have changed. Returns the way to stop. */
  on(id: string, wake: () => void): () => void {
    const wakes = this.#watching.get(id) ?? new Set();
    this.#watching.set(id, wakes.add(wake));
    return () => {
      wakes.delete(wake);
      if (wakes.size === 0 && this.#watching.get(id) === wakes) this.#watching.delete(id);
    };
  }

  #wake(id: string): void {
    for (const wake of this.#watching.get(id) ?? []) wake();
  }
}
