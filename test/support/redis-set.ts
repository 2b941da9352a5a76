import { randomBytes } from "node:crypto";
import type { RedisOptions } from "../../src/storage/redis/connection.ts";
import type { RedisServer } from "./redis-server.ts";

/** What a test opens a store on: one server, a cluster, or a master with its replicas and sentinels. */
export interface RedisSet {
  url: string;
  /** How it is opened, but for clock and prefix. */
  options: Omit<RedisOptions, "clock" | "prefix">;
  /** Every process of it. */
  pids(): number[];
  /**
   * A prefix that nobody has used: tests share servers, and each has its own part of the keys. Begins with
   * `netpulse-`.
   */
  freshPrefix(): string;
  /** How many keys without a time-out begin with `{prefix:`, on all servers. */
  footprint(prefix: string): Promise<number>;
  /** Forgets everything, whoever's it is. */
  flush(): Promise<void>;
  /** Ends all processes and removes their files. Idempotent. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

interface SetParams {
  options: RedisSet["options"];
  /** All that run. */
  servers: RedisServer[];
  /** Those that hold data now. */
  masters(): Promise<RedisServer[]>;
  cleanUp(): void;
}

/** Counts here and not there: one answer for all keys. */
const COUNT = `
  local n = 0
  for _, key in ipairs(redis.call("KEYS", "{" .. ARGV[1] .. ":*")) do
    if redis.call("PTTL", key) == -1 then n = n + 1 end
  end
  return n`;

let prefixes = 0;

export function redisSet({ options, servers, masters, cleanUp }: SetParams): RedisSet {
  let stopped: Promise<void> | null = null;
  const end = async () => {
    await Promise.all(servers.map((server) => server.stop()));
    cleanUp();
  };
  const stop = () => {
    stopped ??= end();
    return stopped;
  };
  return {
    url: options.url,
    options,
    pids: () => servers.map((server) => server.pid),
    freshPrefix: () => `netpulse-${++prefixes}-${randomBytes(4).toString("hex")}`,
    async footprint(prefix) {
      const all = await masters();
      const counts = await Promise.all(all.map((server) => server.cli("EVAL", COUNT, "0", prefix)));
      return counts.reduce((sum, count) => sum + Number(count), 0);
    },
    async flush() {
      await Promise.all((await masters()).map((server) => server.cli("FLUSHALL")));
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
