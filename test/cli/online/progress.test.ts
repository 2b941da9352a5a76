import { describe, expect, test } from "bun:test";
import { Progress } from "../../../src/cli/online/progress.ts";
import { FakeClock } from "../../support/clock.ts";

function progress(terminal: { err: boolean; color?: boolean; columns?: number }) {
  const clock = new FakeClock();
  const said: string[] = [];
  const io = { out() {}, err: (text: string) => void said.push(text) };
  const bar = new Progress({
    io,
    clock,
    terminal: { color: false, columns: 100, ...terminal } as ConstructorParameters<
      typeof Progress
    >[0]["terminal"],
  });
  return { bar, clock, said };
}

describe("the progress of what lasts", () => {
  test("is a line with counts, rate, time left and failures, which is taken away at the end", () => {
    const { bar, clock, said } = progress({ err: true, color: true });
    bar.update({ done: 0, failed: 0, total: 300 });
    clock.jump(4000);
    bar.update({ done: 100, failed: 3, total: 300 });
    bar.end();
    bar.end();
    expect(said).toEqual([
      "\r[........................] 0/300\x1b[K",
      "\r[########................] 100/300  25/s  8 s left  \x1b[31m3 failed\x1b[0m\x1b[K",
      "\r\x1b[K",
    ]);
  });

  test("takes the rate of the last seconds, not of the whole", () => {
    const { bar, clock, said } = progress({ err: true });
    for (let second = 0; second <= 60; second++) {
      bar.update({ done: second < 30 ? second * 10 : 300 + (second - 30), failed: 0, total: 1000 });
      clock.jump(1000);
    }
    expect(said.at(-1)).toContain("330/1000  1.0/s  11 min 10 s left");
  });

  test("says nothing where nobody looks, and no rate where nothing moves", () => {
    const quiet = progress({ err: false });
    quiet.bar.update({ done: 1, failed: 0, total: 2 });
    quiet.bar.end();
    expect(quiet.said).toEqual([]);
    const still = progress({ err: true });
    still.bar.update({ done: 1, failed: 0, total: 2 });
    still.clock.jump(1000);
    still.bar.update({ done: 1, failed: 0, total: 2 });
    expect(still.said.at(-1)).toBe("\r[############............] 1/2\x1b[K");
  });
});
