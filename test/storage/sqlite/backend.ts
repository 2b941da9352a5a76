import { Database } from "bun:sqlite";
import { type Clock, systemClock } from "../../../src/core/clock.ts";
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
        reading(path, expectConsistent);
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

/** Each of these finds what must not be: rows that no longer agree with the jobs they were made from. */
const CONTRADICTIONS: Record<string, string> = {
  "a sound file": "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
  "levels count the queued jobs": `
    SELECT queue, priority, count(*) AS n FROM jobs WHERE status = 'queued' GROUP BY queue, priority
    EXCEPT SELECT queue, priority, depth FROM levels`,
  "no level without queued jobs": `
    SELECT queue, priority, depth FROM levels
    EXCEPT SELECT queue, priority, count(*) FROM jobs WHERE status = 'queued' GROUP BY queue, priority`,
  "lanes count the ready jobs": `
    SELECT queue, priority, lane, count(*) FROM jobs WHERE ready = 1 GROUP BY queue, priority, lane
    EXCEPT SELECT queue, priority, lane, ready FROM lanes`,
  "no lane without ready jobs": `
    SELECT queue, priority, lane, ready FROM lanes
    EXCEPT SELECT queue, priority, lane, count(*) FROM jobs WHERE ready = 1 GROUP BY queue, priority, lane`,
  "totals count the ended jobs": `
    SELECT * FROM totals AS t WHERE n <> (SELECT count(*) FROM jobs WHERE status = t.status)`,
  "every job is in its span": `
    SELECT id FROM jobs LEFT JOIN spans ON block = seq >> 10
    WHERE block IS NULL OR created_at NOT BETWEEN min_at AND max_at`,
  "who has not ended keeps the operation": `
    SELECT id FROM jobs LEFT JOIN payloads USING (seq)
    WHERE (status IN ('queued', 'started')) <> (sealed IS NOT NULL)`,
  "nothing belongs to a forgotten job": `
    SELECT seq FROM payloads UNION SELECT seq FROM logs UNION SELECT seq FROM idempotency
    EXCEPT SELECT seq FROM jobs`,
  "a started job has its token and who runs it": `
    SELECT id FROM jobs WHERE status = 'started' AND (nonce IS NULL OR node IS NULL OR worker IS NULL)`,
  "pieces of a log follow each other": `
    SELECT seq FROM (SELECT seq, offset, lag(offset + length(bytes), 1, 0) OVER (PARTITION BY seq ORDER BY offset) AS at
    FROM logs) WHERE offset <> at`,
};

function expectConsistent(db: Database): void {
  for (const [rule, sql] of Object.entries(CONTRADICTIONS)) {
    const found = db.query(sql).all();
    if (found.length > 0) throw new Error(`broken rule: ${rule}: ${JSON.stringify(found.slice(0, 3))}`);
  }
}
