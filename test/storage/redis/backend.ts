import { type Clock, systemClock } from "../../../src/core/clock.ts";
import { openStorage } from "../../../src/storage/open.ts";
import type { Backend } from "../../conformance/storage/fixture.ts";
import type { TestedBackend } from "../../support/backends.ts";
import {
  type RedisSet,
  startCluster,
  startRedis,
  startSecureRedis,
  startSentinelSet,
} from "../../support/redis.ts";

/** Stores on servers that are started with the first of them; each store has a prefix of its own. */
export function redisBackend(name: string, start: () => Promise<RedisSet>): TestedBackend {
  let started: Promise<RedisSet> | null = null;
  return {
    name,
    async open() {
      started ??= start();
      return openBackend(await started);
    },
    async stop() {
      await (await started)?.stop();
      started = null;
    },
  };
}

async function openBackend(set: RedisSet): Promise<Backend> {
  const { url, ...options } = set.options;
  const prefix = set.freshPrefix();
  const spec = { url, redis: { ...options, prefix } };
  const open = (clock: Clock) => openStorage({ ...spec, clock });
  const storage = await open(systemClock);
  const opened = [storage];
  const dispose = async () => {
    try {
      const { schema, findings } = await storage.examine({ limit: 3 });
      if (schema.version > 0 && findings.length > 0) throw new Error(`broken: ${JSON.stringify(findings)}`);
    } finally {
      await Promise.all(opened.map((each) => each.close()));
    }
  };
  let disposed: Promise<void> | null = null;
  return {
    spec,
    storage,
    async connect({ clock = systemClock } = {}) {
      const other = await open(clock);
      opened.push(other);
      return other;
    },
    footprint: () => set.footprint(prefix),
    dispose() {
      disposed ??= dispose();
      return disposed;
    },
  };
}

export const PLAIN = redisBackend("Redis", startRedis);
export const SECURE = redisBackend("Redis over TLS, as a user with few rights", startSecureRedis);
export const CLUSTER = redisBackend("a Redis Cluster of three masters", startCluster);
export const SENTINEL = redisBackend("Redis behind Sentinels", startSentinelSet);
