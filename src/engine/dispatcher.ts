import type { Clock } from "../core/clock.ts";
import type { IdSource } from "../core/ids.ts";
import { shardOf } from "../core/shards.ts";
import type { Claim, Storage } from "../storage/storage.ts";
import { ClaimCalls, type Request } from "./claim-calls.ts";
import { DueTimers } from "./due-timers.ts";
import { type LeaseTerms, mayWriteUntil } from "./lease.ts";
import { untilStored } from "./persist.ts";
import { Run, type RunDeps } from "./run.ts";
import type { Slot, Slots } from "./slot.ts";

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

/**
 * Brings ready queues and free workers together. Queues become ready by hints, by the sweep and when a
 * worker gets free.
 *
 * A worker asks for its next job right behind the settlement of the last one, without waiting for the answer. The
 * store starts nothing on a worker that has a started job: should the settlement be held up, the claim gets nothing
 * and is made again when the settlement is through.
 */
export class Dispatcher {
  readonly #deps: DispatcherDeps;
  /** By shard. */
  readonly #calls: ClaimCalls[];
  /** Workers that the store may take for busy still: they ask when a settlement of theirs is stored. */
  readonly #late = new Set<Slot>();
  readonly #due: DueTimers;
  /** Runs on their way back to the queue that no worker counts as its own. */
  readonly #returning = new Set<Promise<unknown>>();
  #stopped = false;

  constructor(deps: DispatcherDeps) {
    this.#deps = deps;
    const calls = {
      slots: deps.slots,
      mayAsk: (slot: Slot) => this.#mayAsk(slot),
      claim: (requests: Request[]) => this.#claim(requests).catch((error) => deps.onError(error)),
      adopt: (queue: string) => deps.adopt(queue),
    };
    this.#calls = Array.from({ length: deps.storage.info.shards }, () => new ClaimCalls(calls));
    this.#due = new DueTimers(deps.clock, (queue) => this.queueReady(queue));
  }

  /** The queue has work that can start in `inMs`. */
  queueDue(queue: string, inMs: number): void {
    if (!this.#stopped) this.#due.expect(queue, inMs);
  }

  /** The queue may have work that can start now. */
  queueReady(queue: string): void {
    this.#calls[shardOf(queue, this.#calls.length)]?.queueReady(queue);
  }

  /** Claims nothing more; resolves when the last claim's answer is dealt with: handed back. Runs go on. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#due.stop();
    await Promise.all(this.#calls.map((calls) => calls.stop()));
    await Promise.all(this.#returning);
  }

  #mayAsk(slot: Slot): boolean {
    return (
      slot.run === null && !slot.ending && !this.#late.has(slot) && this.#deps.executor.isReady(slot.name)
    );
  }

  async #claim(asked: Request[]): Promise<void> {
    const requests = asked.map(({ slot, queue }) => ({ worker: slot.name, queue }));
    const { storage, clock, ids, node, incarnation, signal, lease } = this.#deps;
    const op = ids.next("op");
    const askedAt = clock.monotonic();
    let tries = 0;
    const claims = await untilStored(clock, signal, () => {
      tries += 1;
      return storage.claim({ op, node, incarnation, requests });
    });
    this.#deps.work.claims += claims?.length ?? 0;
    for (const claim of claims ?? []) this.#begin(claim, mayWriteUntil(lease, askedAt));
    this.#noteLate(asked);
    this.#stillReady(requests, claims ?? []);
    // What it got nothing for may be what an earlier try, before a settlement, got nothing for.
    if (claims && tries > 1) for (const { queue } of requests) this.queueReady(queue);
  }

  /** Workers that got nothing, perhaps only because their settlement is not through. */
  #noteLate(requests: Request[]): void {
    for (const { slot } of requests) {
      if (slot.run === null && slot.settling.size > 0) this.#late.add(slot);
    }
  }

  /** A queue that filled all its workers' requests may hold more. */
  #stillReady(requests: { queue: string }[], claims: Claim[]): void {
    const open = new Map<string, number>();
    for (const { queue } of requests) open.set(queue, (open.get(queue) ?? 0) + 1);
    for (const { job } of claims) open.set(job.queue, (open.get(job.queue) ?? 0) - 1);
    for (const [queue, left] of open) if (left === 0) this.queueReady(queue);
  }

  #begin(claim: Claim, until: number): void {
    const slot = this.#deps.slots.get(claim.worker);
    const run: Run = new Run(this.#deps, claim, {
      settling: () => this.#settling(slot, run),
      settled: () => this.#ended(slot, run),
    });
    run.done.catch((error) => this.#deps.onError(error)).then(() => this.#ended(slot, run));
    if (!slot || slot.run || slot.ending || this.#stopped) return this.#handBack(run);
    slot.run = run;
    try {
      run.start(slot.kind === "pinned", until);
    } catch (error) {
      this.#deps.onError(error);
      run.fail();
    }
  }

  /** Its worker was ended, or taken, or the node told to stop, while the claim was on its way. */
  #handBack(run: Run): void {
    const back = run.done.catch(this.#deps.onError).then(() => {
      this.#returning.delete(back);
      this.queueReady(run.claim.job.queue);
    });
    this.#returning.add(back);
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
