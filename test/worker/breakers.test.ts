import { describe, expect, test } from "bun:test";
import { Breakers } from "../../src/worker/breakers.ts";
import { FakeClock } from "../support/clock.ts";

const TERMS = { failures: 3, openForMs: 30_000, longestMs: 100_000 };
const KEY = "10.0.0.1";

function breakersWith(terms = TERMS, most?: number) {
  const clock = new FakeClock();
  const breakers = new Breakers(clock, terms, most);
  const fail = (times: number, key = KEY) => {
    for (let n = 1; n <= times; n++) breakers.begin(key).failed(`failure ${n}`);
  };
  return { clock, breakers, fail, isOpen: (key = KEY) => breakers.open(key) !== null };
}

describe("a breaker", () => {
  test("opens at so many failures in a row, and says what the last was and when the next attempt may be made", () => {
    const { clock, breakers, fail, isOpen } = breakersWith();
    fail(2);
    expect(isOpen()).toBe(false);
    fail(1);
    expect(breakers.open(KEY)).toEqual({
      failures: 3,
      reason: "failure 1",
      againAt: clock.now() + 30_000,
    });
    expect(isOpen("10.0.0.2")).toBe(false);
  });

  test("counts failures in a row: a success between them begins anew", () => {
    const { breakers, fail, isOpen } = breakersWith();
    fail(2);
    breakers.begin(KEY).succeeded();
    fail(2);
    expect(isOpen()).toBe(false);
  });

  test("counts no attempt whose end nobody knows, and each attempt once", () => {
    const { breakers, fail, isOpen } = breakersWith();
    fail(2);
    breakers.begin(KEY).abandoned();
    const attempt = breakers.begin(KEY);
    attempt.succeeded();
    attempt.failed("late");
    fail(2);
    expect(isOpen()).toBe(false);
  });

  test("lets one attempt through when its time is over, and nobody beside it", async () => {
    const { clock, breakers, fail, isOpen } = breakersWith();
    fail(3);
    await clock.advance(29_999);
    expect(isOpen()).toBe(true);
    await clock.advance(1);
    expect(isOpen()).toBe(false);
    const trial = breakers.begin(KEY);
    expect(breakers.open(KEY)).toEqual({ failures: 3, reason: "failure 3", againAt: null });
    trial.succeeded();
    expect(isOpen()).toBe(false);
    expect(breakers.counts()).toEqual({ open: 0, halfOpen: 0, counting: 0 });
  });

  test("lets another one through when the attempt was given up", async () => {
    const { clock, breakers, fail, isOpen } = breakersWith();
    fail(3);
    await clock.advance(30_000);
    breakers.begin(KEY).abandoned();
    expect(isOpen()).toBe(false);
    breakers.begin(KEY);
    expect(isOpen()).toBe(true);
  });

  test("stays open twice as long after each attempt that fails, up to a limit", async () => {
    const { clock, breakers, fail } = breakersWith();
    fail(3);
    const waits: number[] = [];
    for (let n = 0; n < 4; n++) {
      const wait = (breakers.open(KEY)?.againAt ?? 0) - clock.now();
      waits.push(wait);
      await clock.advance(wait);
      fail(1);
    }
    expect(waits).toEqual([30_000, 60_000, 100_000, 100_000]);
  });

  test("does not stay open longer for attempts that were under way when it opened", () => {
    const { clock, breakers, fail } = breakersWith();
    const straggler = breakers.begin(KEY);
    fail(3);
    straggler.failed("late");
    expect(breakers.open(KEY)).toMatchObject({ failures: 3, againAt: clock.now() + 30_000 });
  });

  test("closes when one of those succeeds", () => {
    const { breakers, fail, isOpen } = breakersWith();
    const straggler = breakers.begin(KEY);
    fail(3);
    straggler.succeeded();
    expect(isOpen()).toBe(false);
  });

  test("goes by time that passes, not by the wall clock", () => {
    const { clock, fail, isOpen } = breakersWith();
    fail(3);
    clock.stepWall(3_600_000);
    expect(isOpen()).toBe(true);
  });

  test("never opens where it is turned off", () => {
    const { breakers, fail, isOpen } = breakersWith({ ...TERMS, failures: 0 });
    fail(100);
    expect(isOpen()).toBe(false);
    expect(breakers.counts().counting).toBe(0);
  });
});

test("no more are remembered than the most there may be; the one that failed longest ago is forgotten", () => {
  const { breakers, fail, isOpen } = breakersWith(TERMS, 2);
  fail(3, "a");
  fail(3, "b");
  fail(1, "c");
  expect(["a", "b", "c"].map(isOpen)).toEqual([false, true, false]);
  expect(breakers.counts()).toEqual({ open: 1, halfOpen: 0, counting: 1 });
});

test("their states are counted", async () => {
  const { clock, breakers, fail } = breakersWith();
  fail(3, "a");
  await clock.advance(30_000);
  fail(3, "b");
  fail(1, "c");
  expect(breakers.counts()).toEqual({ open: 1, halfOpen: 1, counting: 1 });
});
