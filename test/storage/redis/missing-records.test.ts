import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { systemClock } from "../../../src/core/clock.ts";
import { openRedis } from "../../../src/storage/redis/index.ts";
import { released, succeeded } from "../../../src/storage/storage.ts";
import type { Store } from "../../../src/storage/store.ts";
import { EXPIRED, Factory, HOUR, MINUTE, SECOND, T0 } from "../../support/factory.ts";
import { type Redis, startRedis } from "../../support/redis.ts";

let redis: Redis;
let prefix: string;
let storage: Store;
let make: Factory;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.stop());

beforeEach(async () => {
  prefix = redis.freshPrefix();
  storage = await openRedis({ clock: systemClock, prefix, ...redis.options });
  await storage.migrate();
  make = new Factory(storage);
});

afterEach(() => storage.close());

describe("a job whose record was erased by hand", () => {
  test("keeps no other from expiring", async () => {
    const [first, gone, last] = await make.queuedAll([
      { ttlMs: SECOND },
      { ttlMs: SECOND },
      { ttlMs: SECOND },
    ]);
    await erase(gone?.id);
    const { ids } = await storage.expire({ max: 10, error: EXPIRED, now: T0 + MINUTE });
    expect(ids).toEqual([first?.id ?? "", last?.id ?? ""]);
    expect(await storage.expire({ max: 10, error: EXPIRED, now: T0 + MINUTE })).toEqual({ ids: [] });
  });

  test("keeps no other from being forgotten", async () => {
    const { id } = await make.inStatus("finished");
    const other = await make.inStatus("finished");
    await erase(id);
    expect(await storage.prune({ max: 10, now: T0 + 2 * HOUR })).toEqual({ pruned: 1 });
    expect(await storage.prune({ max: 10, now: T0 + 2 * HOUR })).toEqual({ pruned: 0 });
    expect(await storage.get({ ids: [other.id] })).toEqual([null]);
  });

  test("keeps no other that waits for its moment from starting", async () => {
    const worker = await make.worker();
    const [first, gone, last] = await make.queuedAll(
      Array.from({ length: 3 }, () => ({ queue: worker.queue, runAt: T0 + SECOND })),
    );
    await erase(gone?.id);
    for (const expected of [first, last]) {
      const { token } = await make.mustClaim(worker, T0 + MINUTE);
      expect(token.id).toBe(expected?.id ?? "");
      await make.settle(token, succeeded(), { now: T0 + MINUTE });
    }
  });
});

test("a settlement whose entry of runs was erased by hand keeps no other from being stored", async () => {
  const whole = await make.started();
  const broken = await make.started();
  await redis.cli("HDEL", `{${prefix}:0}:runs`, broken.token.id);
  const settlements = [whole, broken].map(({ token }) => ({
    token,
    tail: new Uint8Array(),
    tailOffset: 0,
    outcome: released(),
  }));
  expect(await storage.settle({ settlements, now: T0 })).toEqual(["ok", "ok"]);
});

async function erase(id = ""): Promise<void> {
  expect(await redis.cli("DEL", `{${prefix}:0}:job:${id}`)).toBe("1");
}
