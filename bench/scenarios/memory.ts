import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Store } from "../queue.ts";
import { MANY_AT_ONCE, mustHold, range, type Scenario } from "./scenario.ts";

/** Until what the last calls left is given back to the system. */
const SETTLE_MS = 300;

/** What a process that has only enqueued holds, and what its store takes, MB. */
export const memory: Scenario = {
  atOnce: MANY_AT_ONCE,
  once: true,
  async run(queue, { stored, bulk }, store) {
    for (let from = 0; from < stored; from += bulk) await queue.enqueueMany(range(from, bulk));
    await mustHold(queue, { queued: stored, done: 0 });
    Bun.gc(true);
    await Bun.sleep(SETTLE_MS);
    return { rss: process.memoryUsage.rss() / 1e6, store: (await storeBytes(store)) / 1e6 };
  },
};

/** The memory of Redis, or the size of the files. */
async function storeBytes({ dir, redisPort }: Store): Promise<number> {
  if (redisPort !== null) return redisBytes(redisPort);
  return readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
}

async function redisBytes(port: number): Promise<number> {
  const client = new Bun.RedisClient(`redis://127.0.0.1:${port}`);
  try {
    const info: string = await client.send("INFO", ["memory"]);
    return Number(info.match(/^used_memory:(\d+)/m)?.[1]);
  } finally {
    client.close();
  }
}
