import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { systemClock } from "../../../src/core/clock.ts";
import { pack } from "../../../src/storage/redis/codec.ts";
import { openRedis } from "../../../src/storage/redis/index.ts";
import type { RedisLink } from "../../../src/storage/redis/link.ts";
import { MIGRATIONS, migrate } from "../../../src/storage/redis/migrate.ts";
import { T0 } from "../../support/factory.ts";
import { type Redis, startRedis } from "../../support/redis.ts";
import { Hand } from "./examined.ts";
import { Links } from "./links.ts";

const SHARDS = 2;

const links = new Links();
let redis: Redis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
afterEach(() => links.close());

/** A store as the first program left it, with a node that had no sites to tell. */
async function oldStore(prefix: string): Promise<RedisLink> {
  const link = await links.open(redis, { prefix, shards: SHARDS });
  await migrate({ link, clock: systemClock, migrations: MIGRATIONS.slice(0, 1) });
  const hand = new Hand(link);
  await hand.do("HSET", "nodes", "old", pack(["i", "machine", 1, 10, 7, T0, 0, T0]));
  for (const shard of [hand, hand.at(1)]) {
    await shard.do("HSET", "incarnation", "old", "i");
    await shard.do("HSET", "pulse", "old", pack(["i", T0, "{}"]));
  }
  return link;
}

test("a store of an older program gets places for its nodes' sites, again after a crash too", async () => {
  const prefix = redis.freshPrefix();
  const link = await oldStore(prefix);
  const [, sites] = MIGRATIONS;
  if (!sites) throw new Error("there is no such migration");
  await link.run(sites, 0, [SHARDS]);
  const storage = await openRedis({ ...redis.options, clock: systemClock, prefix, shards: SHARDS });
  try {
    expect(await storage.migrate()).toEqual({ from: 1, to: MIGRATIONS.length });
    const old = { name: "old", incarnation: "i", hostname: "machine", pid: 1, capacity: 10 };
    expect(await storage.nodes()).toEqual([{ ...old, sites: null, beat: 7, lastHeartbeat: T0, lost: false }]);
    expect(await storage.nodeLoads({ now: T0 })).toMatchObject([{ name: "old", sites: null }]);
    expect((await storage.examine({ limit: 9 })).findings).toEqual([]);
    await storage.registerNode({ node: { ...old, incarnation: "next", sites: ["berlin"] } });
    expect(await storage.nodes()).toMatchObject([{ incarnation: "next", sites: ["berlin"], beat: 8 }]);
  } finally {
    await storage.close();
  }
});

test("a program that knows less than the store is refused", async () => {
  const prefix = redis.freshPrefix();
  const link = await links.open(redis, { prefix });
  await migrate({ link, clock: systemClock });
  const older = migrate({ link, clock: systemClock, migrations: MIGRATIONS.slice(0, 1) });
  await expect(older).rejects.toMatchObject({ name: "StorageError", kind: "schema_too_new" });
});
