import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { is } from "drizzle-orm";
import { getTableConfig, SQLiteTable } from "drizzle-orm/sqlite-core";
import { migrate } from "../../../src/storage/sqlite/migrate.ts";
import { MIGRATIONS } from "../../../src/storage/sqlite/migrations/index.ts";
import * as schema from "../../../src/storage/sqlite/schema.ts";

const FOLDER = resolve(import.meta.dir, "../../../src/storage/sqlite/migrations");

function migrated(): Database {
  const db = new Database(":memory:");
  migrate(db, ":memory:");
  return db;
}

describe("the schema", () => {
  const tables = Object.values(schema).flatMap((each) =>
    is(each, SQLiteTable) ? [getTableConfig(each)] : [],
  );

  test("has every table of the migrated file, and no other", () => {
    const there = migrated()
      .query<{ name: string }, []>(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'",
      )
      .all()
      .map(({ name }) => name)
      .filter((name) => !name.startsWith("sqlite_"));
    expect(there.toSorted()).toEqual(tables.map(({ name }) => name).toSorted());
  });

  test.each(tables.map((table) => [table.name, table] as const))(
    "describes %s as the migrations make it",
    (name, table) => {
      const db = migrated();
      const columns = db
        .query<{ name: string; type: string; notnull: number }, [string]>(
          "SELECT * FROM pragma_table_info(?)",
        )
        .all(name)
        .map((column) => [column.name, column.type.toLowerCase(), column.notnull === 1]);
      expect(columns).toEqual(
        table.columns.map((column) => [column.name, column.getSQLType(), column.notNull || column.primary]),
      );
      const indexes = db
        .query<{ name: string; unique: number }, [string]>(
          "SELECT * FROM pragma_index_list(?) WHERE origin = 'c'",
        )
        .all(name)
        .map((index) => [index.name, index.unique === 1]);
      expect(indexes.toSorted()).toEqual(
        table.indexes.map(({ config }) => [config.name, config.unique === true]).toSorted(),
      );
    },
  );

  test("every migration in the folder is part of the program, in order", async () => {
    const files = readdirSync(FOLDER)
      .filter((file) => file.endsWith(".sql"))
      .toSorted();
    const texts = await Promise.all(files.map((file) => Bun.file(resolve(FOLDER, file)).text()));
    expect(MIGRATIONS).toEqual(texts);
    const journal = await Bun.file(resolve(FOLDER, "meta/_journal.json")).json();
    expect(journal.entries.map(({ tag }: { tag: string }) => `${tag}.sql`)).toEqual(files);
  });
});

describe("the file itself refuses", () => {
  const columns = `id, queue, exclusive, driver, host, command, retval_shape, priority, lane, ready, result_ttl_ms,
    execution_timeout_ms, retries, created_at, enqueued_at, status, worker, ended_at`;
  const insert = (
    db: Database,
    id: string,
    queue: string,
    status: string,
    worker: string | null,
    ready = 0,
  ) =>
    db
      .query(
        `INSERT INTO jobs (${columns}) VALUES (?, ?, ?, 'cli', 'h', '[]', 'text', 0, 'l', ?, 0, 0, 0, 0, 0, ?, ?, NULL)`,
      )
      .run(id, queue, queue.startsWith("pinned_") ? 1 : 0, ready, status, worker);

  test("a second started job of a pinned queue", () => {
    const db = migrated();
    insert(db, "job_1", "pinned_a", "started", "w1");
    expect(() => insert(db, "job_2", "pinned_a", "started", "w2")).toThrow("UNIQUE");
    insert(db, "job_3", "FifoQ", "started", "w3");
    insert(db, "job_4", "FifoQ", "started", "w4");
  });

  test("a second started job of a worker", () => {
    const db = migrated();
    insert(db, "job_1", "FifoQ", "started", "w1");
    expect(() => insert(db, "job_2", "FifoQ", "started", "w1")).toThrow("UNIQUE");
  });

  test("a job that is ready and not queued, or ended and not kept", () => {
    const db = migrated();
    expect(() => insert(db, "job_1", "FifoQ", "started", "w1", 1)).toThrow("CHECK");
    insert(db, "job_2", "FifoQ", "queued", null, 1);
    expect(() => db.run("UPDATE jobs SET ended_at = 1")).toThrow("CHECK");
  });
});
