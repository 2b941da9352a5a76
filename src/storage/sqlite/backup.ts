import { Database } from "bun:sqlite";
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { StorageError } from "../../core/errors.ts";
import { connect } from "./connection.ts";
import { translated } from "./errors.ts";
import { schemaVersion } from "./migrate.ts";
import { patiently } from "./patience.ts";

export interface BackupParams {
  /** The database file. */
  path: string;
  /** The new file. It appears whole or not at all; one that is there is never written over. */
  to: string;
  clock: Clock;
}

/**
 * Copies a database while others write to it: one snapshot of it, without the space that deleted rows left, checked.
 * Blocks this process for the time of the copy: for one that does nothing else.
 */
export async function backupSqlite({
  path,
  to,
  clock,
}: BackupParams): Promise<{ sizeBytes: number; version: number }> {
  const db = await connect({ path, clock, mustExist: true }).catch((error: unknown) => {
    throw translated(error, path);
  });
  try {
    reserve(to);
    try {
      await copy(db, { path, clock }, to);
    } catch (error) {
      rmSync(to, { force: true });
      throw error;
    }
    return { sizeBytes: statSync(to).size, version: schemaVersion(db) };
  } finally {
    db.close(true);
  }
}

/** From now on nobody else has this name. */
function reserve(to: string): void {
  try {
    writeFileSync(to, "", { flag: "wx", mode: 0o600 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === "EEXIST" ? "it is there already; give a new name" : String(code);
    throw new StorageError("unavailable", `cannot write ${to}: ${reason}`, { cause: error });
  }
}

/** Under another name until it is known to be good. SQLite writes into a file that is there only when it is empty. */
async function copy(db: Database, from: { path: string; clock: Clock }, to: string): Promise<void> {
  const draft = `${to}.partial-${process.pid}`;
  try {
    writeFileSync(draft, "", { flag: "wx", mode: 0o600 });
    await patiently(from, () => db.run("VACUUM INTO ?", [draft]));
    check(draft);
    flush(draft);
    renameSync(draft, to);
    flush(dirname(to));
  } catch (error) {
    rmSync(draft, { force: true });
    throw translated(error, to);
  }
}

function check(file: string): void {
  const db = new Database(file, { readonly: true });
  try {
    using statement = db.prepare<{ quick_check: string }, []>("PRAGMA quick_check(1)");
    const said = statement.get()?.quick_check;
    if (said !== "ok") throw new StorageError("corrupt", `the copy is not sound, so it was removed: ${said}`);
  } finally {
    db.close(true);
  }
}

function flush(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
