import { expect, test } from "bun:test";
import { shardOf } from "../../src/core/shards.ts";

test("a name stays on its shard: what is stored is found again by another release", () => {
  expect(["FifoQ", "pinned_10.0.0.1", "pinned_é"].map((queue) => shardOf(queue, 16))).toEqual([2, 12, 0]);
});

test("names spread over the shards", () => {
  const filled = new Map<number, number>();
  for (let n = 0; n < 16_000; n++) {
    const shard = shardOf(`pinned_10.${n >> 8}.0.${n & 255}`, 16);
    filled.set(shard, (filled.get(shard) ?? 0) + 1);
  }
  expect(filled.size).toBe(16);
  expect(Math.min(...filled.values())).toBeGreaterThan(700);
});
