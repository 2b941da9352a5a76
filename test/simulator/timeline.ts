import { createHash } from "node:crypto";
import type { Timer } from "../../src/core/clock.ts";
import type { RandomBytes } from "../../src/core/ids.ts";
import { type Random, random } from "../support/faults/random.ts";

interface Pending {
  at: number;
  order: number;
  run: () => void;
  live: boolean;
}

/**
 * Simulated time and everything that waits for it. One thing happens at a time, and all that follows from it
 * without time passing has happened before the next: with the same seed, the same things in the same order.
 */
export class Timeline {
  readonly random: Random;
  /** What happened, a line each. */
  readonly history: string[] = [];
  /** What must not happen, found while it happened. */
  readonly problems: string[] = [];
  now = 0;
  #order = 0;
  #heap: Pending[] = [];
  /** Calls of the real store that have not answered. Nothing else here needs the event loop. */
  #outstanding = 0;

  constructor(seed: number) {
    this.random = random(seed);
  }

  /** Unpredictable bytes for the product's ids and nonces, the same for the same seed. */
  readonly bytes: RandomBytes = (bytes) => {
    for (let at = 0; at < bytes.length; at++) bytes[at] = this.random.whole(0, 256);
  };

  note(line: string): void {
    this.history.push(`${this.now} ${line}`);
  }

  wrong(what: string): void {
    this.note(`WRONG ${what}`);
    this.problems.push(what);
  }

  hash(): string {
    return createHash("sha256").update(this.history.join("\n")).digest("hex");
  }

  after(ms: number, run: () => void): Timer {
    const pending = { at: this.now + Math.max(0, Math.ceil(ms)), order: this.#order++, run, live: true };
    push(this.#heap, pending);
    return {
      cancel: () => {
        pending.live = false;
      },
    };
  }

  passed(ms: number): Promise<void> {
    return new Promise((resume) => this.after(ms, resume));
  }

  /** Waits for the real store; time does not go on before it has answered. */
  async real<R>(call: () => Promise<R>): Promise<R> {
    this.#outstanding += 1;
    try {
      return await call();
    } finally {
      this.#outstanding -= 1;
    }
  }

  /** Lets time pass until `until`, or until `enough` says so between two things that happen. */
  async run(until: number, enough: () => boolean = () => false): Promise<void> {
    await this.#settle();
    while (!enough()) {
      const next = pop(this.#heap, until);
      if (next === null) {
        this.now = until;
        return;
      }
      if (!next.live) continue;
      this.now = next.at;
      next.run();
      await this.#settle();
    }
  }

  /** Twice quiet: what the last answer woke may ask the store again. */
  async #settle(): Promise<void> {
    for (let quiet = 0; quiet < 2; ) {
      await new Promise<void>((resume) => setImmediate(resume));
      quiet = this.#outstanding === 0 ? quiet + 1 : 0;
    }
  }
}

function before(a: Pending, b: Pending): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function push(heap: Pending[], item: Pending): void {
  let at = heap.length;
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above] as Pending;
    if (!before(item, parent)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = item;
}

/** The first one, unless it comes later than `until`. */
function pop(heap: Pending[], until: number): Pending | null {
  const first = heap[0];
  if (!first || first.at > until) return null;
  const last = heap.pop() as Pending;
  if (heap.length > 0) sink(heap, last);
  return first;
}

function sink(heap: Pending[], item: Pending): void {
  let at = 0;
  for (;;) {
    let below = 2 * at + 1;
    const [left, right] = [heap[below], heap[below + 1]];
    if (!left) break;
    if (right && before(right, left)) below += 1;
    const child = heap[below] as Pending;
    if (!before(child, item)) break;
    heap[at] = child;
    at = below;
  }
  heap[at] = item;
}
