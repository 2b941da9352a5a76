import { type Clock, systemClock } from "../../../src/core/clock.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import type { Store } from "../../../src/storage/store.ts";

/** A wall clock that somebody sets, over a monotonic one that runs on. */
export class SteppedClock implements Clock {
  #offset = 0;
  now = () => Date.now() + this.#offset;
  readonly monotonic = systemClock.monotonic;
  readonly after = systemClock.after;

  step(ms: number): void {
    this.#offset += ms;
  }
}

/** What takes the store's own time unless it is given another. */
const TIMED = [
  "enqueue",
  "claim",
  "heartbeat",
  "settle",
  "cancel",
  "cancelQueued",
  "releaseHeld",
  "reap",
  "expire",
  "prune",
  "registerNode",
  "loseNode",
  "addWorker",
  "endWorker",
] as const satisfies (keyof Storage)[];

/** The store, as if its server's clock were this one. */
export function onClock(store: Store, clock: Clock): Store {
  const timed = new Set<PropertyKey>(TIMED);
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      if (!timed.has(name)) return member.bind(target);
      return (params: object) => member.call(target, { now: clock.now(), ...params });
    },
  });
}
