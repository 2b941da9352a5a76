import { Database } from "bun:sqlite";
import { afterEach, describe, expect, test } from "bun:test";
import { Reader } from "../../../src/storage/sqlite/reader.ts";
import { Snapshot } from "../../../src/storage/sqlite/snapshot.ts";
import { type Batch, Writer, type WriterDeps } from "../../../src/storage/sqlite/writer.ts";
import type { Hint } from "../../../src/storage/storage.ts";
import { FakeClock } from "../../support/clock.ts";
import { type TempDir, tempDir } from "../../support/tempdir.ts";

const dirs: TempDir[] = [];
afterEach(() => {
  for (const dir of dirs.splice(0)) dir.remove();
});

/** `wal`: how commits get to the disk; as in a file that is not synced where it is not told. */
function writerOn({ wal = null }: { wal?: WriterDeps["wal"] } = {}) {
  const dir = tempDir("writer");
  dirs.push(dir);
  const path = dir.file("writer.db");
  const db = new Database(path);
  db.run("PRAGMA journal_mode = WAL");
  db.run("CREATE TABLE t (a INTEGER PRIMARY KEY)");
  const hints: Hint[] = [];
  const patience = { path, clock: new FakeClock(1_000) };
  const snapshot = new Snapshot(db);
  const writer = new Writer({ db, patience, snapshot, wal, emit: (group) => void hints.push(...group) });
  const reader = new Reader(patience, snapshot, writer);
  const insert = db.prepare("INSERT INTO t (a) VALUES (?)");
  const add = (a: number) =>
    writer.write((tx) => {
      insert.run(a);
      tx.hint({ kind: "output", id: `${a}` });
      return a;
    });
  const other = new Database(path, { readonly: true });
  const stored = () =>
    other
      .query<{ a: number }, []>("SELECT a FROM t ORDER BY a")
      .all()
      .map(({ a }) => a);
  return { db, path, writer, reader, add, stored, hints };
}

describe("calls that arrive together", () => {
  test("share one transaction", async () => {
    const { add, stored, db } = writerOn();
    const pending = [add(1), add(2), add(3)];
    const version = () => db.query<{ data_version: number }, []>("PRAGMA data_version").get();
    const before = version();
    expect(await Promise.all(pending)).toEqual([1, 2, 3]);
    expect(version()).toEqual(before);
    expect(stored()).toEqual([1, 2, 3]);
  });

  test("are answered when they are stored, not before, and hints come then too", async () => {
    const { add, stored, hints } = writerOn();
    const pending = add(1).then(() => ({ stored: stored(), hints: hints.length }));
    expect(hints).toEqual([]);
    expect(await pending).toEqual({ stored: [1], hints: 1 });
  });

  test("run in the order in which they came", async () => {
    const { writer } = writerOn();
    const order: number[] = [];
    await Promise.all(Array.from({ length: 600 }, (_, n) => writer.write(() => order.push(n))));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order).toHaveLength(600);
  });

  test("of which one fails: the others are done, once", async () => {
    const { add, stored, hints, writer } = writerOn();
    await add(7);
    hints.length = 0;
    const results = await Promise.allSettled([add(1), add(7), add(2), add(3)]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
    expect(results[1]).toMatchObject({ reason: { name: "StorageError", kind: "corrupt" } });
    expect(stored()).toEqual([1, 2, 3, 7]);
    expect(hints).toEqual([1, 2, 3].map((a) => ({ kind: "output", id: `${a}` })));
    expect(writer.failing).toBe(false);
  });

  test("of which one throws half-way: nothing of it stays", async () => {
    const { writer, db, add, stored } = writerOn();
    const half = writer.write(() => {
      db.run("INSERT INTO t (a) VALUES (50)");
      throw new TypeError("a fault of ours");
    });
    const results = await Promise.allSettled([add(1), half, add(2)]);
    expect(results[1]).toMatchObject({ status: "rejected", reason: { name: "TypeError" } });
    expect(stored()).toEqual([1, 2]);
  });
});

describe("calls of one batch", () => {
  /** Adds all numbers of a go in one statement, and notes what went together. */
  function batchOn({ db, writer }: ReturnType<typeof writerOn>) {
    const goes: number[][] = [];
    const batch: Batch<number, number> = {
      run(numbers) {
        goes.push(numbers);
        db.run(`INSERT INTO t (a) VALUES ${numbers.map((a) => `(${a})`).join(",")}`);
        return numbers;
      },
      weigh: (a) => (a < 1_000 ? 1 : 400),
    };
    return { goes, add: (a: number, now?: number) => writer.writeBatched(batch, a, now) };
  }

  test("that wait side by side are run in one go, and each gets its own answer", async () => {
    const file = writerOn();
    const { goes, add } = batchOn(file);
    expect(await Promise.all([add(3), add(1), add(2)])).toEqual([3, 1, 2]);
    expect(goes).toEqual([[3, 1, 2]]);
  });

  test("keep their place among the others", async () => {
    const file = writerOn();
    const { goes, add } = batchOn(file);
    await Promise.all([add(1), add(2), file.add(3).then(() => goes.push([3])), add(4)]);
    expect(file.stored()).toEqual([1, 2, 3, 4]);
    expect(goes).toEqual([[1, 2], [4], [3]]);
  });

  test("are kept apart where they are much work, or of different moments", async () => {
    const { goes, add } = batchOn(writerOn());
    await Promise.all([add(1_000), add(2_000), add(1), add(2, 77), add(3, 77)]);
    expect(goes).toEqual([[1_000], [2_000, 1], [2, 3]]);
  });

  test("of which one fails: the others are done, once", async () => {
    const file = writerOn();
    await file.add(7);
    const { add } = batchOn(file);
    const results = await Promise.allSettled([add(1), add(7), add(2)]);
    expect(results).toMatchObject([
      { status: "fulfilled", value: 1 },
      { status: "rejected", reason: { kind: "corrupt" } },
      { status: "fulfilled", value: 2 },
    ]);
    expect(file.stored()).toEqual([1, 2, 7]);
  });
});

describe("a disk that is full", () => {
  test("fails calls as unavailable until there is room again", async () => {
    const { db, writer, stored } = writerOn();
    db.run("CREATE TABLE big (a BLOB)");
    const pages = db.query<{ page_count: number }, []>("PRAGMA page_count").get()?.page_count ?? 0;
    const fill = (size: number) =>
      writer.write(() => void db.run("INSERT INTO big VALUES (zeroblob(?))", [size]));
    db.run(`PRAGMA max_page_count = ${pages + 4}`);
    const results = await Promise.allSettled([fill(1_000_000), fill(10)]);
    expect(results).toMatchObject([
      { status: "rejected", reason: { name: "StorageError", kind: "unavailable" } },
      { status: "fulfilled" },
    ]);
    await fill(1_000_000).catch(() => {});
    expect(writer.failing).toBe(true);
    db.run(`PRAGMA max_page_count = ${pages + 10_000}`);
    await fill(1_000_000);
    expect(writer.failing).toBe(false);
    expect(stored()).toEqual([]);
  });
});

describe("a commit that is on its way to the disk", () => {
  /** A disk whose syncs end when the test says so. */
  function slowDisk() {
    const syncs: PromiseWithResolvers<void>[] = [];
    const file = writerOn({
      wal: {
        sync() {
          const next = Promise.withResolvers<void>();
          syncs.push(next);
          return next.promise;
        },
      },
    });
    return { ...file, syncs };
  }

  /** Whether it has ended by the time that everything which was ready has run. */
  async function isOver(promise: Promise<unknown>): Promise<boolean> {
    let over = false;
    const done = () => {
      over = true;
    };
    promise.then(done, done);
    for (let turn = 0; turn < 5; turn++) await new Promise<void>((resume) => setImmediate(resume));
    return over;
  }

  test("is not answered, nor hinted at, before it is there", async () => {
    const { add, syncs, stored, hints } = slowDisk();
    const pending = add(1);
    expect(await isOver(pending)).toBe(false);
    expect(stored()).toEqual([1]);
    expect(hints).toEqual([]);
    syncs[0]?.resolve();
    expect(await pending).toBe(1);
    expect(hints).toHaveLength(1);
  });

  test("gathers what comes meanwhile into one more", async () => {
    const { add, syncs, stored } = slowDisk();
    const first = add(1);
    await isOver(first);
    const others = [add(2), add(3)];
    await isOver(first);
    expect([stored(), syncs.length]).toEqual([[1], 1]);
    syncs[0]?.resolve();
    expect(await isOver(first)).toBe(true);
    expect([stored(), syncs.length]).toEqual([[1, 2, 3], 2]);
    syncs[1]?.resolve();
    expect(await Promise.all(others)).toEqual([2, 3]);
  });

  test("keeps a read that saw it from being answered", async () => {
    const { add, syncs, reader, db } = slowDisk();
    const count = () => db.query<{ n: number }, []>("SELECT count(*) AS n FROM t").get()?.n ?? 0;
    expect(await reader.read(count)).toBe(0);
    const pending = add(1);
    await isOver(pending);
    const seen = reader.read(count);
    expect(await isOver(seen)).toBe(false);
    syncs[0]?.resolve();
    expect(await seen).toBe(1);
  });

  test("and does not get there fails its calls, and the next that does clears that", async () => {
    const { add, syncs, writer, reader } = slowDisk();
    const pending = add(1);
    await isOver(pending);
    const seen = reader.read(() => "an answer");
    syncs[0]?.reject(new Error("input/output error"));
    await expect(pending).rejects.toThrow("input/output error");
    expect(await seen).toBe("an answer");
    expect(writer.failing).toBe(true);
    const next = add(2);
    await isOver(next);
    syncs[1]?.resolve();
    expect(await next).toBe(2);
    expect(writer.failing).toBe(false);
  });

  test("is waited for by close", async () => {
    const { add, syncs, writer } = slowDisk();
    const pending = add(1);
    await isOver(pending);
    const closed = writer.close();
    expect(await isOver(closed)).toBe(false);
    syncs[0]?.resolve();
    await closed;
    expect(await pending).toBe(1);
  });
});

describe("close", () => {
  test("finishes what was accepted and takes no more", async () => {
    const { writer, add, stored } = writerOn();
    const pending = add(1);
    const closed = writer.close();
    await expect(add(2)).rejects.toMatchObject({ kind: "unavailable" });
    await closed;
    expect(await pending).toBe(1);
    expect(stored()).toEqual([1]);
  });
});
