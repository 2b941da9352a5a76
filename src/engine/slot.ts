import type { Run } from "./run.ts";

/** A worker of this node: a unit of serial execution, listening on one queue. */
export interface Slot {
  name: string;
  kind: "fifo" | "pinned";
  queue: string;
  /** The process that it was last reported in; 0 before it was. */
  pid: number;
  run: Run | null;
  /** Runs that are over, with a settlement on its way: until that is stored their leases must go on. */
  settling: Set<Run>;
  /** Monotonic ms of the last time it became free. */
  idleSince: number;
  /** It is being stopped: gets nothing new and is not kept. */
  ending: boolean;
}

/** What a new worker begins with. */
export function newSlot(of: Pick<Slot, "name" | "kind" | "queue">, now: number): Slot {
  return { ...of, pid: 0, run: null, settling: new Set(), idleSince: now, ending: false };
}

/** The run in progress and those that are not known to be stored. */
export function* runsOf(slot: Slot): Iterable<Run> {
  yield* slot.settling;
  if (slot.run) yield slot.run;
}

/** Nothing is lost with it. */
export function isIdle(slot: Slot): boolean {
  return slot.run === null && slot.settling.size === 0 && !slot.ending;
}

/** The workers of this node, by name and by queue. */
export class Slots {
  readonly #byName = new Map<string, Slot>();
  readonly #byQueue = new Map<string, Set<Slot>>();
  #pinned = 0;

  add(slot: Slot): void {
    this.#byName.set(slot.name, slot);
    const peers = this.#byQueue.get(slot.queue) ?? new Set();
    this.#byQueue.set(slot.queue, peers.add(slot));
    if (slot.kind === "pinned") this.#pinned += 1;
  }

  remove(slot: Slot): void {
    if (!this.#byName.delete(slot.name)) return;
    const peers = this.#byQueue.get(slot.queue);
    peers?.delete(slot);
    if (peers?.size === 0) this.#byQueue.delete(slot.queue);
    if (slot.kind === "pinned") this.#pinned -= 1;
  }

  get(name: string): Slot | undefined {
    return this.#byName.get(name);
  }

  /** Workers that listen on a queue. */
  on(queue: string): Iterable<Slot> {
    return this.#byQueue.get(queue) ?? [];
  }

  all(): Iterable<Slot> {
    return this.#byName.values();
  }

  get pinnedCount(): number {
    return this.#pinned;
  }

  *runs(): Iterable<Run> {
    for (const slot of this.#byName.values()) yield* runsOf(slot);
  }
}
