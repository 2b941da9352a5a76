import { expect, test } from "bun:test";
import { StorageError } from "../../src/core/errors.ts";
import { untilStored } from "../../src/engine/persist.ts";
import { FakeClock } from "../support/clock.ts";

const away = () => new StorageError("unavailable", "away");

test("a call is repeated until the store answers", async () => {
  const clock = new FakeClock();
  let calls = 0;
  const stored = untilStored(clock, new AbortController().signal, async () => {
    calls += 1;
    if (calls < 4) throw away();
    return "kept";
  });
  await clock.advance(2_000);
  expect(await stored).toBe("kept");
  expect(calls).toBe(4);
});

test("it is tried once even when the node has given up already: the store may be well again", async () => {
  expect(await untilStored(new FakeClock(), AbortSignal.abort(), async () => "kept")).toBe("kept");
});

test("giving up ends the wait", async () => {
  const clock = new FakeClock();
  const giveUp = new AbortController();
  const stored = untilStored(clock, giveUp.signal, async () => {
    throw away();
  });
  await clock.settle();
  giveUp.abort();
  expect(await stored).toBeNull();
  expect(clock.timers).toBe(0);
});

test("other errors pass through at once", async () => {
  const corrupt = async () => {
    throw new StorageError("corrupt", "broken");
  };
  expect(untilStored(new FakeClock(), new AbortController().signal, corrupt)).rejects.toThrow("broken");
});
