import type { Config } from "../config/schema.ts";
import { systemClock } from "../core/clock.ts";
import type { OpenStorageOptions } from "../storage/open.ts";

/** How the configured store is opened. */
export function storageOptions({ storage }: Pick<Config, "storage">): OpenStorageOptions {
  const { url, synchronous, redis } = storage;
  return {
    url,
    synchronous,
    clock: systemClock,
    redis: {
      prefix: redis.prefix,
      shards: redis.shards,
      waitReplicas: redis.waitReplicas,
      commandTimeoutMs: redis.commandTimeout * 1000,
      tls: { ca: redis.tlsCa, cert: redis.tlsCert, key: redis.tlsKey },
    },
  };
}
