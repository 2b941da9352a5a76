import { expect, test } from "bun:test";
import { auditPruning } from "../../src/engine/audit-pruning.ts";
import { FakeClock } from "../support/clock.ts";

test("forgets what is older than the retention, a bounded part of it in each minute", async () => {
  const clock = new FakeClock();
  let left = 11_200;
  const asked: number[] = [];
  const errors: unknown[] = [];
  const pruneAudit = async ({ before, max }: { before: number; max: number }) => {
    asked.push(clock.now() - before);
    const pruned = Math.min(left, max);
    left -= pruned;
    return { pruned };
  };
  const onError = (error: unknown) => void errors.push(error);
  const pruning = auditPruning({ pruneAudit }, clock, { retentionMs: 86_400_000, onError });
  await pruning.start();
  await clock.advance(60_000);
  expect(left).toBe(1_200);
  await clock.advance(60_000);
  expect(left).toBe(0);
  await pruning.stop();
  await clock.advance(600_000);
  expect(new Set(asked)).toEqual(new Set([86_400_000]));
  expect(asked).toHaveLength(20 + 3);
  expect(errors).toEqual([]);
});
