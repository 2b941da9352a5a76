import type { Clock } from "../core/clock.ts";
import type { IdSource } from "../core/ids.ts";
import { isPinnedQueue } from "../core/job.ts";
import type { Claim, Storage } from "../storage/storage.ts";
import { DueTimers } from "./due-timers.ts";
import { type LeaseTerms, mayWriteUntil } from "./lease.ts";
import { untilStored } from "./persist.ts";
import { Run, type RunDeps } from "./run.ts";
import type { Slot, Slots } from "./slot.ts";

/** Jobs asked for in one call: keeps one transaction short, and the store busy while the answer before is dealt with. */
const MAX_REQUESTS = 64;
/** Calls under way at once. What comes meanwhile goes into the next one, so a slow store is asked for more at a time. */
const MAX_CALLS = 4;

export interface DispatcherDeps extends RunDeps {
  storage: Storage;
  clock: Clock;
  ids: IdSource;
  slots: Slots;
  lease: LeaseTerms;
  node: string;
  incarnation: string;
  /** A pinned queue has work and none of our workers listens on it. */
  adopt(queue: string): void;
}

/** Of a worker, for a job of its queue. */
interface Request {
  worker: string;
  queue: string;
  slot: Slot;
}

/**
 * Brings ready queues and free workers together. Queues become ready by hints, by the sweep and when a
 * worker gets free; each claim call takes as much as there are workers for that no other call asks for.
 *
 * A worker asks for its next job right behind the settlement of the last one, without waiting for the answer. The
 * store starts nothing on a worker that has a started job: should the settlement be held up, the claim gets nothing
 * and is made again when the settlement is through.
 */
export class Dispatcher {
  readonly #deps: DispatcherDeps;
  readonly #ready = new Set<string>();
  /** Workers that the store may take for busy still: they ask when a settlement of theirs is stored. */
  readonly #late = new Set<Slot>();
  readonly #due: DueTimers;
  /** Workers that a call under way asks for. */
  readonly #asking = new Set<Slot>();
  /** Queues whose every free worker asks already, but perhaps asked before the last job came. */
  readonly #again = new Set<string>();
  readonly #calls = new Set<Promise<void>>();
  #scheduled = false;
  #stopped = false;

  constructor(deps: DispatcherDeps) {
    this.#deps = deps;
    this.#due = new DueTimers(deps.clock, (queue) => this.queueReady(queue));
  }

  /** The queue has work that can start in `inMs`. */
  queueDue(queue: string, inMs: number): void {
    if (!this.#stopped) this.#due.expect(queue, inMs);
  }

  /** The queue may have work that can start now. */
  queueReady(queue: string): void {
    if (this.#stopped) return;
    this.#ready.add(queue);
    this.#schedule();
  }

  /** Claims nothing more; resolves when the last claim's answer is dealt with. Runs go on. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#due.stop();
    this.#ready.clear();
    await Promise.all(this.#calls);
  }

  /** A moment later, so that what gets free at the same moment goes into the same call. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#ask();
    });
  }

  #ask(): void {
    while (this.#calls.size < MAX_CALLS && !this.#stopped) {
      const requests = this.#take();
      if (requests.length === 0) return;
      const call: Promise<void> = this.#claim(requests)
        .catch((error) => this.#deps.onError(error))
        .then(() => this.#answered(call, requests));
      this.#calls.add(call);
    }
  }

  #answered(call: Promise<void>, requests: Request[]): void {
    this.#calls.delete(call);
    for (const { slot, queue } of requests) {
      this.#asking.delete(slot);
      if (this.#again.delete(queue)) this.#ready.add(queue);
    }
    if (this.#ready.size > 0) this.#schedule();
  }

  #freeOn(queue: string): Slot[] {
    return [...this.#deps.slots.on(queue)].filter(
      (slot) =>
        slot.run === null &&
        !slot.ending &&
        !this.#late.has(slot) &&
        !this.#asking.has(slot) &&
        this.#deps.executor.isReady(slot.name),
    );
  }

  /** Empties the ready set into claim requests; queues of no worker of ours go to adoption. */
  #take(): Request[] {
    const requests: Request[] = [];
    for (const queue of this.#ready) {
      const room = MAX_REQUESTS - requests.length;
      if (room === 0) break;
      const free = this.#freeOn(queue);
      if (free.length <= room) this.#ready.delete(queue);
      if (this.#isStranger(queue)) this.#deps.adopt(queue);
      if (free.length === 0 && this.#isAsked(queue)) this.#again.add(queue);
      for (const slot of free.slice(0, room)) requests.push({ worker: slot.name, queue, slot });
    }
    for (const { slot } of requests) this.#asking.add(slot);
    return requests;
  }

  #isAsked(queue: string): boolean {
    for (const slot of this.#deps.slots.on(queue)) if (this.#asking.has(slot)) return true;
    return false;
  }

  #isStranger(queue: string): boolean {
    if (!isPinnedQueue(queue)) return false;
    for (const _slot of this.#deps.slots.on(queue)) return false;
    return true;
  }

  async #claim(asked: Request[]): Promise<void> {
    const requests = asked.map(({ worker, queue }) => ({ worker, queue }));
    const { storage, clock, ids, node, incarnation, signal, lease } = this.#deps;
    const op = ids.next("op");
    const askedAt = clock.monotonic();
    let tries = 0;
    const claims = await untilStored(clock, signal, () => {
      tries += 1;
      return storage.claim({ op, node, incarnation, requests });
    });
    for (const claim of claims ?? []) this.#begin(claim, mayWriteUntil(lease, askedAt));
    this.#noteLate(requests);
    this.#stillReady(requests, claims ?? []);
    // What it got nothing for may be what an earlier try, before a settlement, got nothing for.
    if (claims && tries > 1) for (const { queue } of requests) this.#ready.add(queue);
  }

  /** Workers that got nothing, perhaps only because their settlement is not through. */
  #noteLate(requests: { worker: string }[]): void {
    for (const { worker } of requests) {
      const slot = this.#deps.slots.get(worker);
      if (slot && slot.run === null && slot.settling.size > 0) this.#late.add(slot);
    }
  }

  /** A queue that filled all its workers' requests may hold more. */
  #stillReady(requests: { queue: string }[], claims: Claim[]): void {
    const open = new Map<string, number>();
    for (const { queue } of requests) open.set(queue, (open.get(queue) ?? 0) + 1);
    for (const { job } of claims) open.set(job.queue, (open.get(job.queue) ?? 0) - 1);
    for (const [queue, left] of open) if (left === 0) this.#ready.add(queue);
  }

  #begin(claim: Claim, until: number): void {
    const slot = this.#deps.slots.get(claim.worker);
    const run: Run = new Run(this.#deps, claim, {
      settling: () => this.#settling(slot, run),
      settled: () => this.#ended(slot, run),
    });
    run.done.catch((error) => this.#deps.onError(error)).then(() => this.#ended(slot, run));
    if (!slot || slot.run || slot.ending) return this.#handBack(run);
    slot.run = run;
    try {
      run.start(slot.kind === "pinned", until);
    } catch (error) {
      this.#deps.onError(error);
      run.fail();
    }
  }

  /** Its worker was ended, or taken, while the claim was on its way. */
  #handBack(run: Run): void {
    run.done.finally(() => this.queueReady(run.claim.job.queue));
    run.handBack();
  }

  /** The worker asks for its next job. Not beyond an earlier settlement that has no answer: those must not pile up. */
  #settling(slot: Slot | undefined, run: Run): void {
    if (slot?.run !== run) return;
    this.#release(slot);
    if (slot.settling.size > 0) this.#late.add(slot);
    slot.settling.add(run);
    this.#askFor(slot);
  }

  /** Its settlement is stored, or it was dropped. Told of twice, and done once. */
  #ended(slot: Slot | undefined, run: Run): void {
    if (!slot) return;
    const dropped = slot.run === run;
    if (dropped) this.#release(slot);
    const waited = slot.settling.delete(run) && this.#late.delete(slot);
    if (dropped || waited) this.#askFor(slot);
  }

  #release(slot: Slot): void {
    slot.run = null;
    slot.idleSince = this.#deps.clock.monotonic();
  }

  #askFor(slot: Slot): void {
    if (!slot.ending) this.queueReady(slot.queue);
  }
}
