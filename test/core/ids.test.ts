import { expect, test } from "bun:test";
import { systemClock } from "../../src/core/clock.ts";
import { idSource, shardOfId } from "../../src/core/ids.ts";

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

test("a job id tells its shard", () => {
  const ids = idSource(systemClock);
  for (const shard of [0, 1, 33, 1023]) expect(shardOfId(ids.job(shard))).toBe(shard);
  expect(shardOfId("x")).toBe(0);
});
