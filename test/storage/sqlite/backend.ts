import { Database } from "bun:sqlite";
import { type Clock, systemClock } from "../../../src/core/clock.ts";
import { look } from "../../../src/storage/sqlite/examination/look.ts";
import { openSqlite } from "../../../src/storage/sqlite/index.ts";
import type { Backend } from "../../conformance/storage/fixture.ts";
import { tempDir } from "../../support/tempdir.ts";

/** A database in a folder of its own. `dispose` checks that the file is consistent before it is removed. */
export async function sqliteBackend(): Promise<Backend & { path: string }> {
  const dir = tempDir("sqlite");
  const path = dir.file("netpulse.db");
  const synchronous = "normal";
  const open = (clock: Clock) => openSqlite({ path, clock, synchronous });
  const storage = await open(systemClock);
  const opened = [storage];
  return {
    path,
    spec: { url: `sqlite:${path}`, synchronous },
    storage,
    async connect({ clock = systemClock } = {}) {
      const other = await open(clock);
      opened.push(other);
      return other;
    },
    footprint: async () => reading(path, rows),
    async dispose() {
      await Promise.all(opened.map((each) => each.close()));
      try {
        expectConsistent(path);
      } finally {
        dir.remove();
      }
    },
  };
}

/** Looks into the file past the storage. */
export function reading<R>(path: string, look: (db: Database) => R): R {
  const db = new Database(path, { readwrite: true, create: false });
  try {
    return look(db);
  } finally {
    db.close();
  }
}

function rows(db: Database): number {
  const tables = db
    .query<{ name: string }, []>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    )
    .all();
  const count = (name: string) =>
    db.query<{ n: number }, []>(`SELECT count(*) AS n FROM ${name}`).get()?.n ?? 0;
  return tables.reduce((sum, { name }) => sum + count(name), 0);
}

function expectConsistent(path: string): void {
  const { schema, findings } = look(path, 3);
  if (schema.version > 0 && findings.length > 0) throw new Error(`broken: ${JSON.stringify(findings)}`);
}
