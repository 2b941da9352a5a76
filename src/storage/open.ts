import type { Clock } from "../core/clock.ts";
import { StartupError, StorageError } from "../core/errors.ts";
import { openSqlite } from "./sqlite/index.ts";
import type { Store } from "./store.ts";

export interface OpenStorageOptions {
  /** `sqlite:PATH`. */
  url: string;
  clock: Clock;
  /** SQLite's durability; see `SqliteOptions`. */
  synchronous?: "full" | "normal";
}

const SQLITE = "sqlite:";

/** Opens the store that the URL names; `migrate` comes next. A store that cannot be opened refuses the start. */
export async function openStorage({ url, ...options }: OpenStorageOptions): Promise<Store> {
  if (!url.startsWith(SQLITE) || url.length === SQLITE.length) {
    throw new StartupError(`storage.url must be sqlite:PATH, for example sqlite:./data/netpulse.db`);
  }
  try {
    return await openSqlite({ path: url.slice(SQLITE.length), ...options });
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    throw new StartupError(`storage.url: ${error.message}`, { cause: error });
  }
}
