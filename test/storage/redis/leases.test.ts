import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { systemClock } from "../../../src/core/clock.ts";
import { openRedis } from "../../../src/storage/redis/index.ts";
import type { Store } from "../../../src/storage/store.ts";
import { Factory } from "../../support/factory.ts";
import { type Redis, startRedis } from "../../support/redis.ts";

const UNAVAILABLE = { name: "StorageError", kind: "unavailable" };

let redis: Redis;
let storage: Store;
let make: Factory;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.stop());

beforeEach(async () => {
  storage = await openRedis({ clock: systemClock, prefix: redis.freshPrefix(), ...redis.options });
  await storage.migrate();
  make = new Factory(storage);
});

afterEach(async () => {
  await redis.cli("CONFIG", "SET", "maxmemory", "0", "min-replicas-to-write", "0");
  await storage.close();
});

describe.each([
  ["has no memory left", ["maxmemory", "1"]],
  ["lacks replicas", ["min-replicas-to-write", "1"]],
])("a server that %s", (_what, setting) => {
  test("takes no renewals, so it tells of no leases that might seem to lapse", async () => {
    const worker = await make.worker();
    const { token } = await make.started({}, worker);
    await redis.cli("CONFIG", "SET", ...setting);
    const { node, incarnation } = worker;
    const beat = storage.heartbeat({ node, incarnation, runs: [token], workers: [], hostMemory: {} });
    await expect(beat).rejects.toMatchObject(UNAVAILABLE);
    await expect(storage.leases()).rejects.toMatchObject(UNAVAILABLE);
    await expect(storage.nodes()).rejects.toMatchObject(UNAVAILABLE);
  });
});
