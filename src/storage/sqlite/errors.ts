import { SQLiteError } from "bun:sqlite";
import { StorageError } from "../../core/errors.ts";

/** Another process holds the lock: the one failure that waiting cures. */
export function isBusy(error: unknown): boolean {
  return error instanceof SQLiteError && /^SQLITE_(BUSY|LOCKED)/.test(error.code ?? "");
}

/**
 * The one place that turns SQLite's failures into ours. Anything that is not SQLite's is a fault of ours and
 * passes as it is. SQLite's messages name tables and columns, never a value.
 */
export function translated(error: unknown, path: string): unknown {
  if (!(error instanceof SQLiteError)) return error;
  const kind = /^SQLITE_(CORRUPT|NOTADB|CONSTRAINT|SCHEMA|MISMATCH)/.test(error.code ?? "")
    ? "corrupt"
    : "unavailable";
  return new StorageError(kind, `${path}: ${error.message} (${error.code ?? "SQLITE_ERROR"})`, {
    cause: error,
  });
}

export function closedError(path: string): StorageError {
  return new StorageError("unavailable", `${path}: the storage is closed`);
}

export function busyError(path: string, waitedMs: number): StorageError {
  const seconds = (waitedMs / 1000).toFixed(1);
  return new StorageError("unavailable", `${path}: another process has locked the file for ${seconds} s`);
}
