import type { Clock } from "../core/clock.ts";
import { StartupError, StorageError } from "../core/errors.ts";
import type { RedisOptions } from "./redis/connection.ts";
import { backupSqlite } from "./sqlite/backup.ts";
import { openSqlite } from "./sqlite/index.ts";
import type { Store } from "./store.ts";

/** What only a store on Redis has; see `RedisOptions`. Absent or null values are its defaults. */
export type OpenRedisOptions = Pick<
  RedisOptions,
  "tls" | "waitReplicas" | "shards" | "prefix" | "commandTimeoutMs"
>;

export interface OpenStorageOptions {
  /** `sqlite:PATH`, or a URL of `redis:`, `rediss:`, `redis+sentinel:` or `redis+cluster:`. */
  url: string;
  redis?: OpenRedisOptions;
  clock: Clock;
  /** SQLite's durability; see `SqliteOptions`. */
  synchronous?: "full" | "normal";
  /** Refuse a SQLite file that is not there, which is made otherwise. */
  mustExist?: boolean;
  /** Told what works less well than it could. */
  warn?: (message: string) => void;
}

const SQLITE = "sqlite:";
/** Repeats nothing of what was given: it may hold a password. */
const UNKNOWN_URL =
  "storage.url must be sqlite:PATH (for example sqlite:./data/netpulse.db), or a URL that begins with redis://, rediss://, redis+sentinel:// or redis+cluster://";
const REDIS = /^redis(s|\+sentinel|\+cluster)?:\/\//;

/** Opens the store that the URL names; `migrate` comes next. A store that cannot be opened refuses the start. */
export async function openStorage({ url, ...options }: OpenStorageOptions): Promise<Store> {
  const path = sqlitePath(url);
  if (path !== null) return refusing("storage.url", () => openSqlite({ path, ...options }));
  if (!REDIS.test(url)) throw new StartupError(UNKNOWN_URL);
  const { clock, redis, warn } = options;
  // Loaded when it is asked for: a node on SQLite starts without it.
  const { openRedis } = await import("./redis/index.ts");
  return refusing("storage.url", () => openRedis({ ...redis, url, clock, ...(warn && { warn }) }));
}

/**
 * Copies the store that the URL names into the new file `to` while others use it. Throws `StartupError` when that
 * cannot be done.
 */
export async function backupStorage({ url, to, clock }: { url: string; to: string; clock: Clock }) {
  const path = sqlitePath(url);
  if (path === null) {
    throw new StartupError(
      "only a SQLite store is copied by this program; Redis makes its own backups: BGSAVE, then keep a copy of its RDB file, or of its AOF folder",
    );
  }
  return refusing("backup", () => backupSqlite({ path, to, clock }));
}

/** The file that the URL names; null when it names another kind of store. */
function sqlitePath(url: string): string | null {
  return url.startsWith(SQLITE) && url.length > SQLITE.length ? url.slice(SQLITE.length) : null;
}

async function refusing<R>(what: string, run: () => Promise<R>): Promise<R> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    throw new StartupError(`${what}: ${error.message}`, { cause: error });
  }
}
