import type { Clock } from "../core/clock.ts";
import { fifoQueue, parsePinnedQueue, type Site, siteOfQueue } from "../core/device.ts";
import type { IdSource } from "../core/ids.ts";
import type { AddWorkerOutcome, Storage } from "../storage/storage.ts";
import { Elsewhere } from "./elsewhere.ts";
import type { Executor } from "./executor.ts";
import { passed, untilStored } from "./persist.ts";
import type { Load } from "./placement.ts";
import { isIdle, newSlot, type Slot, type Slots } from "./slot.ts";

/** Of the workers of one queue, which are one that lives and those that died lately. */
const MOST_LISTED = 100;

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
  /** Whether this is the only node of the store, as far as it knows. */
  isAlone(): boolean;
  /** How long to leave a device to others, ms. */
  delayMs(load: Load): number;
  /** Counted up. */
  evictions: Evictions;
  onAdopted(queue: string): void;
  onError(error: unknown): void;
}

/**
 * Makes and ends this node's workers. A pinned queue with work and no owner is adopted: each node tries after a delay
 * of its own (`placement.ts`), and the store lets exactly one worker own it. At capacity the pinned worker that has been idle longest gives way; when
 * none is idle the queue waits for the next sweep.
 */
export class Adoption {
  readonly #deps: AdoptionDeps;
  readonly #adopting = new Set<string>();
  readonly #elsewhere: Elsewhere;
  readonly #stop = new AbortController();
  /** Those of them whose delay is over and that have no worker yet: they take a place, as workers do. */
  readonly #adding = new Set<string>();

  constructor(deps: AdoptionDeps) {
    this.#deps = deps;
    this.#elsewhere = new Elsewhere(deps.clock);
  }

  adopt(queue: string): void {
    if (this.#stopped || this.#adopting.has(queue)) return;
    if (!this.#reaches(queue) || this.#elsewhere.has(queue)) return;
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

  /** A worker of another node has ended. */
  endedElsewhere(worker: string): void {
    this.#elsewhere.ended(worker);
  }

  stop(): void {
    this.#stop.abort();
  }

  get #stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  #reaches(queue: string): boolean {
    const site = siteOfQueue(queue);
    return site !== undefined && this.#deps.sites.includes(site);
  }

  async #adopt(queue: string): Promise<void> {
    const device = parsePinnedQueue(queue);
    if (device === null || this.#deps.capacity === 0) return;
    await this.#leaveToOthers();
    if (this.#stopped) return;
    this.#adding.add(queue);
    try {
      if (!(await this.#makeRoom(queue))) return;
      const added = await this.#add({ kind: "pinned", queue, host: device.host, site: device.site });
      if (added) this.#deps.onAdopted(queue);
    } finally {
      this.#adding.delete(queue);
    }
  }

  async #leaveToOthers(): Promise<void> {
    const { clock, isAlone, delayMs } = this.#deps;
    if (isAlone()) return;
    const first = delayMs(this.#load());
    await passed(clock, first, this.#stop.signal);
    // Of many devices that came at once it may have got more than its part meanwhile.
    const more = delayMs(this.#load()) - first;
    if (more > 0 && !this.#stopped) await passed(clock, more, this.#stop.signal);
  }

  #load(): Load {
    const share = (this.#deps.slots.pinnedCount + this.#adding.size) / this.#deps.capacity;
    return { share, waiting: this.#adopting.size - 1 };
  }

  async #makeRoom(queue: string): Promise<boolean> {
    const { slots, capacity, evictions } = this.#deps;
    if (slots.pinnedCount + this.#adding.size <= capacity) return true;
    let oldest: Slot | null = null;
    for (const slot of this.#idlePinned()) if (!oldest || slot.idleSince < oldest.idleSince) oldest = slot;
    if (!oldest || (await this.#isElsewhere(queue))) return false;
    // Looked at again: the question took its time, in which it may have got a job.
    if (!isIdle(oldest)) return false;
    evictions.displaced += 1;
    await this.end(oldest, "gone");
    return true;
  }

  /** Asked before a session is ended for a device: that costs a login, and another node may have been faster. */
  async #isElsewhere(queue: string): Promise<boolean> {
    const { storage, isAlone, node } = this.#deps;
    if (isAlone()) return false;
    const { workers } = await storage.listWorkers({ filter: { queue }, limit: MOST_LISTED });
    const owner = workers.find(({ status }) => status !== "dead");
    if (owner === undefined || owner.node === node) return false;
    this.#elsewhere.note(queue, owner.name);
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
    if (added?.outcome === "taken") await this.#taken(worker.queue, added);
    if (added?.outcome !== "added") return false;
    const { kind, queue } = worker;
    this.#adding.delete(queue);
    slots.add(newSlot({ name, kind, queue }, clock.monotonic()));
    return true;
  }

  /** A worker of ours that we do not have: the answer to its adding was lost. Without it the queue is free. */
  async #taken(queue: string, by: { worker: string; node: string }): Promise<void> {
    const { storage, clock, signal, slots, node } = this.#deps;
    if (by.node !== node) return this.#elsewhere.note(queue, by.worker);
    if (slots.get(by.worker)) return;
    await untilStored(clock, signal, () => storage.endWorker({ name: by.worker, as: "gone" }));
  }
}
