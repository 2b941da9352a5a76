import { expect, test } from "bun:test";
import { systemClock } from "../../src/core/clock.ts";
import { idSource } from "../../src/core/ids.ts";

test("ids made within one millisecond sort in the order they were made and never repeat", () => {
  const ids = idSource({ ...systemClock, now: () => 1_700_000_000_000 });
  const made = Array.from({ length: 5000 }, () => ids.job());
  expect(made.toSorted()).toEqual(made);
  expect(new Set(made).size).toBe(made.length);
});

test("ids keep their order when the wall clock steps back", () => {
  let now = 1_700_000_000_000;
  const ids = idSource({ ...systemClock, now: () => now });
  const before = ids.job();
  now -= 60_000;
  expect(ids.job() > before).toBe(true);
});

test("an overflowing random part carries into the time instead of repeating", () => {
  const ids = idSource({ ...systemClock, now: () => 1_700_000_000_000 }, (bytes) => bytes.fill(255));
  const [first, second] = [ids.job(), ids.job()];
  expect(second > first).toBe(true);
});

test("the last two characters carry the shard", () => {
  const ids = idSource(systemClock);
  expect(ids.job(0)).toEndWith("00");
  expect(ids.job(33)).toEndWith("11");
  expect(ids.job(33)).toHaveLength("job_".length + 10 + 14 + 2);
});
