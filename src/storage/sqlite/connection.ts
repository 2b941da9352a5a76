import { Database } from "bun:sqlite";
import { chmodSync, closeSync, existsSync, openSync, statSync } from "node:fs";
import type { Clock } from "../../core/clock.ts";
import { StorageError } from "../../core/errors.ts";
import type { RandomBytes } from "../../core/ids.ts";
import { patiently } from "./patience.ts";

export interface SqliteOptions {
  /** The database file; its folder must exist. `-wal` and `-shm` appear beside it. */
  path: string;
  clock: Clock;
  /**
   * `full` (default): what was answered survives a power cut. `normal`: the newest commits may be lost with the
   * power, never with a crash of ours, and the file stays sound.
   */
  synchronous?: "full" | "normal";
  /** Source of the nonces that fence runs; the machine's unless a test needs the same ones again. */
  random?: RandomBytes;
  /** Refuse a file that is not there, where others are made. */
  mustExist?: boolean;
  /** Told what works less well than it could. */
  warn?: (message: string) => void;
}

/** Read and write for the owner, nothing for others; SQLite gives `-wal` and `-shm` the same. */
const FILE_MODE = 0o600;
/** "NtPl" in the file's header: tells our file from somebody else's database. */
export const APPLICATION_ID = 0x4e74506c;
const CACHE_KIB = 32 * 1024;
const WAL_LIMIT_BYTES = 64 * 1024 * 1024;

const LOOK =
  "SELECT (SELECT application_id FROM pragma_application_id) AS application_id, (SELECT count(*) FROM sqlite_schema) AS tables";

/** Opens the file, creating it private, and sets what must be set before its first table. */
export async function connect(options: SqliteOptions): Promise<Database> {
  const { path, clock, mustExist = false } = options;
  if (mustExist && !existsSync(path)) throw new StorageError("unavailable", `there is no database ${path}`);
  makePrivate(path);
  const db = new Database(path, { readwrite: true, create: false, strict: true });
  try {
    await patiently({ path, clock }, () => {
      refuseForeign(db, path);
      configure(db);
    });
  } catch (error) {
    db.close();
    throw error;
  }
  return db;
}

/** Created with the mode it keeps: one that is narrowed later could be opened in between. */
function makePrivate(path: string): void {
  try {
    closeSync(openSync(path, "a", FILE_MODE));
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, FILE_MODE);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StorageError("unavailable", `cannot open the database ${path}: ${reason}`, { cause: error });
  }
}

function configure(db: Database): void {
  // Waiting is ours to do (see patience.ts): SQLite's would block the event loop.
  db.run("PRAGMA busy_timeout = 0");
  if (isEmpty(db)) {
    db.run("PRAGMA page_size = 4096");
    db.run("PRAGMA auto_vacuum = INCREMENTAL");
  }
  db.run("PRAGMA secure_delete = ON");
  db.run("PRAGMA journal_mode = WAL");
  // Commits are brought to the disk by us, away from the event loop (see wal-file.ts).
  db.run("PRAGMA synchronous = NORMAL");
  db.run(`PRAGMA cache_size = -${CACHE_KIB}`);
  db.run(`PRAGMA journal_size_limit = ${WAL_LIMIT_BYTES}`);
  db.run("PRAGMA temp_store = MEMORY");
}

/** What is set before the first page has no effect later, but would write and so wait for the lock. */
function isEmpty(db: Database): boolean {
  return db.prepare<{ page_count: number }, []>("PRAGMA page_count").get()?.page_count === 0;
}

/**
 * Before anything is changed: switching to WAL alone would leave a mark on somebody else's file. One statement, and so
 * one moment of the file: between two, another process of ours may have made its tables.
 */
export function refuseForeign(db: Database, path: string): void {
  const file = db.prepare<{ application_id: number; tables: number }, []>(LOOK).get();
  if (file?.application_id === APPLICATION_ID || file?.tables === 0) return;
  throw new StorageError(
    "corrupt",
    `${path} is a database of another program: give this one a file of its own`,
  );
}
