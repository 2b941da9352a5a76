import type { Clock } from "../core/clock.ts";
import { StartupError, StorageError } from "../core/errors.ts";
import { backupSqlite } from "./sqlite/backup.ts";
import { openSqlite } from "./sqlite/index.ts";
import type { Store } from "./store.ts";

export interface OpenStorageOptions {
  /** `sqlite:PATH`. */
  url: string;
  clock: Clock;
  /** SQLite's durability; see `SqliteOptions`. */
  synchronous?: "full" | "normal";
  /** Refuse a SQLite file that is not there, which is made otherwise. */
  mustExist?: boolean;
  /** Told what works less well than it could. */
  warn?: (message: string) => void;
}

const SQLITE = "sqlite:";

/** Opens the store that the URL names; `migrate` comes next. A store that cannot be opened refuses the start. */
export async function openStorage({ url, ...options }: OpenStorageOptions): Promise<Store> {
  const path = sqlitePath(url);
  if (path === null) {
    throw new StartupError(`storage.url must be sqlite:PATH, for example sqlite:./data/netpulse.db`);
  }
  return refusing("storage.url", () => openSqlite({ path, ...options }));
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
