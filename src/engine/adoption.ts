import type { Clock } from "../core/clock.ts";
import { fifoQueue, parsePinnedQueue, type Site, siteOfQueue } from "../core/device.ts";
import type { IdSource } from "../core/ids.ts";
import type { AddWorkerOutcome, Storage } from "../storage/storage.ts";
import type { Executor } from "./executor.ts";
import { untilStored } from "./persist.ts";
import { isIdle, newSlot, type Slot, type Slots } from "./slot.ts";

/** Pinned workers that had to go, by what for. */
export interface Evictions {
  /** They had nothing to do for `worker.idle_timeout`. */
  idle: number;
  /** Another device needed their place in the node. */
  displaced: number;
}

export interface AdoptionDeps {
  storage: Storage;
  executor: Executor;
  clock: Clock;
  ids: IdSource;
  slots: Slots;
  node: string;
  incarnation: string;
  hostname: string;
  /** Aborts when the node gives up on the store. */
  signal: AbortSignal;
  /** Pinned workers this node takes at most. */
  capacity: number;
  /** Whose devices this node reaches: it takes no other jobs. */
  sites: readonly Site[];
  /** Counted up. */
  evictions: Evictions;
  onAdopted(queue: string): void;
  onError(error: unknown): void;
}

/**
 * Makes and ends this node's workers. A pinned queue with work and no owner is adopted: the store lets
 * exactly one worker own it. At capacity the pinned worker that has been idle longest gives way; when
 * none is idle the queue waits for the next sweep.
 */
export class Adoption {
  readonly #deps: AdoptionDeps;
  readonly #adopting = new Set<string>();
  #stopped = false;

  constructor(deps: AdoptionDeps) {
    this.#deps = deps;
  }

  adopt(queue: string): void {
    if (this.#stopped || this.#adopting.has(queue) || !this.#reaches(queue)) return;
    this.#adopting.add(queue);
    this.#adopt(queue)
      .catch((error) => this.#deps.onError(error))
      .finally(() => this.#adopting.delete(queue));
  }

  async addFifo(site: Site): Promise<void> {
    const queue = fifoQueue(site);
    await this.#add({ kind: "fifo", queue, host: null, site });
    this.#deps.onAdopted(queue);
  }

  /** Ends an idle worker or one whose run is over. `dead` is listed for a while, `gone` is not. */
  async end(slot: Slot, as: "dead" | "gone"): Promise<void> {
    const { executor, storage, clock, signal, slots } = this.#deps;
    slot.ending = true;
    executor.close(slot.name);
    try {
      await untilStored(clock, signal, () => storage.endWorker({ name: slot.name, as }));
    } finally {
      slots.remove(slot);
    }
  }

  /** Pinned workers that have been idle for `idleMs` give their session back. */
  async evictIdle(idleMs: number): Promise<void> {
    const { clock, evictions } = this.#deps;
    const since = clock.monotonic() - idleMs;
    for (const slot of [...this.#idlePinned()]) {
      // Looked at again: ending the one before took its time, in which this one may have got a job.
      if (!isIdle(slot) || slot.idleSince > since) continue;
      evictions.idle += 1;
      await this.end(slot, "gone");
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  #reaches(queue: string): boolean {
    const site = siteOfQueue(queue);
    return site !== undefined && this.#deps.sites.includes(site);
  }

  async #adopt(queue: string): Promise<void> {
    const device = parsePinnedQueue(queue);
    if (device === null || !(await this.#makeRoom())) return;
    const added = await this.#add({ kind: "pinned", queue, host: device.host, site: device.site });
    if (added) this.#deps.onAdopted(queue);
  }

  async #makeRoom(): Promise<boolean> {
    const { slots, capacity, evictions } = this.#deps;
    if (slots.pinnedCount + this.#adopting.size <= capacity) return true;
    let oldest: Slot | null = null;
    for (const slot of this.#idlePinned()) if (!oldest || slot.idleSince < oldest.idleSince) oldest = slot;
    if (!oldest) return false;
    evictions.displaced += 1;
    await this.end(oldest, "gone");
    return true;
  }

  *#idlePinned(): Iterable<Slot> {
    for (const slot of this.#deps.slots.all()) {
      if (slot.kind === "pinned" && isIdle(slot)) yield slot;
    }
  }

  async #add(worker: {
    kind: Slot["kind"];
    queue: string;
    host: string | null;
    site: Site;
  }): Promise<boolean> {
    const { storage, executor, ids, clock, signal, node, incarnation, hostname, slots } = this.#deps;
    if (this.#stopped) return false;
    const name = ids.worker();
    const { pid } = executor.open(name);
    let added: AddWorkerOutcome | null = null;
    try {
      const record = { name, node, incarnation, hostname, pid, ...worker };
      added = await untilStored(clock, signal, () => storage.addWorker({ worker: record }));
    } finally {
      if (added?.outcome !== "added") executor.close(name);
    }
    if (added?.outcome === "taken") await this.#bury(added);
    if (added?.outcome !== "added") return false;
    const { kind, queue } = worker;
    slots.add(newSlot({ name, kind, queue }, clock.monotonic()));
    return true;
  }

  /** A worker of ours that we do not have: the answer to its adding was lost. The queue is free after this. */
  async #bury(taken: { worker: string; node: string }): Promise<void> {
    const { storage, clock, signal, slots, node } = this.#deps;
    if (taken.node !== node || slots.get(taken.worker)) return;
    await untilStored(clock, signal, () => storage.endWorker({ name: taken.worker, as: "gone" }));
  }
}
