import type { Database } from "bun:sqlite";
import { StorageError } from "../../core/errors.ts";
import { APPLICATION_ID } from "./connection.ts";
import { MIGRATIONS } from "./migrations/index.ts";

/**
 * Brings the file to the newest schema in one transaction; `user_version` counts the migrations it has had. Two
 * processes that start together both get here; the second finds nothing left to do.
 */
export function migrate(db: Database, path: string): { from: number; to: number } {
  if (schemaVersion(db) === MIGRATIONS.length) return { from: MIGRATIONS.length, to: MIGRATIONS.length };
  return db.transaction(() => apply(db, path)).immediate();
}

function apply(db: Database, path: string): { from: number; to: number } {
  const from = schemaVersion(db);
  const to = MIGRATIONS.length;
  refuseNewer(from, path);
  for (const migration of MIGRATIONS.slice(from)) db.run(migration);
  db.run(`PRAGMA user_version = ${to}`);
  db.run(`PRAGMA application_id = ${APPLICATION_ID}`);
  return { from, to };
}

export function refuseNewer(version: number, path: string): void {
  const known = MIGRATIONS.length;
  if (version <= known) return;
  throw new StorageError(
    "schema_too_new",
    `${path} has schema version ${version}, this program knows ${known}: start the newer program, or give it another file`,
  );
}

/** How many migrations the file has had; 0 for an empty one. */
export function schemaVersion(db: Database): number {
  using statement = db.prepare<{ user_version: number }, []>("PRAGMA user_version");
  return statement.get()?.user_version ?? 0;
}
