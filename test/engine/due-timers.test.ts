import { expect, test } from "bun:test";
import { DueTimers } from "../../src/engine/due-timers.ts";
import { FakeClock } from "../support/clock.ts";

function timers() {
  const clock = new FakeClock();
  const began = clock.monotonic();
  const due: [queue: string, at: number][] = [];
  return {
    clock,
    due,
    timers: new DueTimers(clock, (queue) => due.push([queue, clock.monotonic() - began])),
  };
}

test("says of each queue that it is due, not before its moment and hardly after it", async () => {
  const { clock, due, timers: it } = timers();
  it.expect("b", 500);
  it.expect("a", 20);
  it.expect("b", 510);
  await clock.advance(10_000);
  expect(due.map(([queue]) => queue)).toEqual(["a", "b", "b"]);
  for (const [n, moment] of [20, 500, 510].entries()) {
    expect(due[n]?.[1]).toBeGreaterThanOrEqual(moment);
    expect(due[n]?.[1]).toBeLessThan(moment + 10);
  }
  expect(clock.timers).toBe(0);
});

test("leaves what lies far ahead to the sweeps, so that it cannot crowd out what is near", async () => {
  const { clock, due, timers: it } = timers();
  it.expect("far", 3_600_000);
  expect(clock.timers).toBe(0);
  it.expect("longest pause before a retry", 60_000);
  await clock.advance(3_600_000);
  expect(due).toHaveLength(1);
});

test("keeps a bounded number of moments, and has room again when they are over", async () => {
  const { clock, due, timers: it } = timers();
  for (let n = 0; n < 50_000; n++) it.expect(`q${n}`, 1_000);
  expect(clock.timers).toBe(10_000);
  await clock.advance(2_000);
  it.expect("later", 10);
  await clock.advance(100);
  expect(due).toHaveLength(10_001);
});

test("stopped, leaves no timer and says nothing", async () => {
  const { clock, due, timers: it } = timers();
  it.expect("a", 10);
  it.stop();
  expect(clock.timers).toBe(0);
  await clock.advance(1_000);
  expect(due).toEqual([]);
});
