import { expect, test } from "bun:test";
import type { DisturbedWriterReport } from "../../support/faults/disturbed-writer.ts";
import { disturbWriter } from "../../support/faults/disturbed-writer.ts";
import { killWriters } from "../../support/faults/killed-writer.ts";
import { startProxy } from "../../support/faults/proxy.ts";
import { openStore } from "../../support/faults/store.ts";
import { figure } from "../../support/figures.ts";
import { startRedis } from "../../support/redis.ts";

const ROUNDS = 20;
/** Ten servers one after another: what the judge looks at grows with what a store has seen. */
const SEEDS = Array.from({ length: 10 }, (_, n) => 31 + n);

function told({ jobs, answered, failures }: DisturbedWriterReport): string {
  return `${jobs} jobs, ${answered} calls answered, ${failures.length} of them after a failure: nothing lost, nothing doubled, nothing stuck`;
}

test.each(SEEDS)(
  "a Redis that syncs always is killed 20 times at random moments (seed %d)",
  async (seed) => {
    await using redis = await startRedis({ appendOnly: true });
    const storage = await openStore(redis.url);
    const report = await disturbWriter({
      storage,
      rounds: ROUNDS,
      seed,
      answersApart: 150,
      async disturb() {
        await redis.kill();
        await redis.start();
      },
    });
    await storage.close();
    expect(report.problems.slice(0, 3)).toEqual([]);
    figure("Redis (appendfsync always), server killed", `${ROUNDS} rounds, seed ${seed}`, told(report));
  },
  240_000,
);

test.each(SEEDS)(
  "the connection is cut 20 times in the middle of answers (seed %d)",
  async (seed) => {
    await using redis = await startRedis();
    await using proxy = await startProxy(redis);
    const storage = await openStore(`redis://${proxy.host}:${proxy.port}`);
    const judged = await openStore(redis.url);
    const report = await disturbWriter({
      storage,
      judged,
      rounds: ROUNDS,
      seed,
      answersApart: 100,
      disturb: (dice) => proxy.cutAfter(dice.whole(1, 20_000)),
    });
    await Promise.all([storage.close(), judged.close()]);
    expect(report.problems.slice(0, 3)).toEqual([]);
    figure("Redis, connection cut in the middle of answers", `${ROUNDS} rounds, seed ${seed}`, told(report));
  },
  240_000,
);

test.each(SEEDS)(
  "a writer is killed 20 times at random moments (seed %d)",
  async (seed) => {
    await using redis = await startRedis();
    const { url } = redis;
    const report = await killWriters({ url, open: () => openStore(url), rounds: ROUNDS, seed });
    expect(report.problems.slice(0, 3)).toEqual([]);
    const { jobs, answered, unanswered } = report;
    const seen = `${jobs} jobs, ${answered} calls answered and ${unanswered} cut off: nothing lost, nothing doubled, nothing stuck`;
    figure("Redis, writer killed", `${ROUNDS} rounds, seed ${seed}`, seen);
  },
  240_000,
);
