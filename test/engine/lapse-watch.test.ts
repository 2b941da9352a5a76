import { describe, expect, test } from "bun:test";
import { LapseWatch } from "../../src/engine/lapse-watch.ts";

describe("LapseWatch", () => {
  const TERM = 1000;
  const GAP = 300;

  function watched() {
    const watch = new LapseWatch(TERM, GAP);
    let now = 0;
    return {
      watch,
      /** Looks every 100 ms for `ms`, with the sign's value as `value` gives it; returns when it lapsed. */
      look(ms: number, value: (now: number) => number): number | null {
        for (const end = now + ms; now <= end; now += 100) {
          if (watch.look([{ key: "a", value: value(now) }], now).has("a")) return now;
        }
        return null;
      },
      pause(ms: number) {
        now += ms;
      },
    };
  }

  test("a sign that stands still lapses after a whole term, not before", () => {
    expect(watched().look(5000, () => 7)).toBe(TERM);
  });

  test("a sign that changes within the term never lapses", () => {
    expect(watched().look(10_000, (now) => Math.floor(now / 900))).toBeNull();
  });

  test("a pause of the watcher starts the watch anew: it could not have heard", () => {
    const it = watched();
    expect(it.look(900, () => 7)).toBeNull();
    it.pause(5000);
    expect(it.look(900, () => 7)).toBeNull();
    expect(it.look(1000, () => 7)).not.toBeNull();
  });

  test("a store that did not answer starts the watch anew", () => {
    const it = watched();
    expect(it.look(900, () => 7)).toBeNull();
    it.watch.reset();
    expect(it.look(900, () => 7)).toBeNull();
  });

  test("a sign that goes away and comes back is new", () => {
    const watch = new LapseWatch(TERM, 10_000);
    watch.look([{ key: "a", value: 1 }], 0);
    watch.look([], 500);
    expect(watch.look([{ key: "a", value: 1 }], 1200).size).toBe(0);
  });
});
