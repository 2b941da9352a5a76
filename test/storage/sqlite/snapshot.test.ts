import { Database } from "bun:sqlite";
import { afterEach, expect, test } from "bun:test";
import { Snapshot } from "../../../src/storage/sqlite/snapshot.ts";
import { type TempDir, tempDir } from "../../support/tempdir.ts";

const dirs: TempDir[] = [];
afterEach(() => {
  for (const dir of dirs.splice(0)) dir.remove();
});

function shared() {
  const dir = tempDir("snapshot");
  dirs.push(dir);
  const db = new Database(dir.file("some.db"));
  db.run("PRAGMA journal_mode = WAL");
  db.run("CREATE TABLE t (a)");
  const other = new Database(dir.file("some.db"));
  const count = () => db.query<{ n: number }, []>("SELECT count(*) AS n FROM t").get()?.n ?? 0;
  return { db, snapshot: new Snapshot(db), count, addElsewhere: () => other.run("INSERT INTO t VALUES (1)") };
}

test("reads of one turn of the loop see the same, those of the next what has come since", async () => {
  const { snapshot, count, addElsewhere } = shared();
  expect(snapshot.read(count)).toBe(0);
  addElsewhere();
  expect(snapshot.read(count)).toBe(0);
  await new Promise<void>((resume) => setImmediate(resume));
  expect(snapshot.read(count)).toBe(1);
  snapshot.end();
});

test("whoever ends it sees what has come since", () => {
  const { snapshot, count, addElsewhere } = shared();
  expect(snapshot.read(count)).toBe(0);
  addElsewhere();
  snapshot.end();
  expect(snapshot.read(count)).toBe(1);
  snapshot.end();
});

test("a read that throws ends it, and the next begins another", () => {
  const { db, snapshot, count, addElsewhere } = shared();
  expect(snapshot.read(count)).toBe(0);
  addElsewhere();
  const failing = () => {
    throw new Error("a fault of ours");
  };
  expect(() => snapshot.read(failing)).toThrow("a fault of ours");
  expect(db.inTransaction).toBe(false);
  expect(snapshot.read(count)).toBe(1);
  snapshot.end();
});
