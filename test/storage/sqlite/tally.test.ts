import { Database } from "bun:sqlite";
import { afterEach, describe, expect, test } from "bun:test";
import { migrate } from "../../../src/storage/sqlite/migrate.ts";
import { Tally } from "../../../src/storage/sqlite/tally.ts";

const opened: Database[] = [];
afterEach(() => {
  for (const db of opened.splice(0)) db.close();
});

function tallyOn() {
  const db = new Database(":memory:");
  opened.push(db);
  migrate(db, ":memory:");
  const rows = (table: string) => db.query(`SELECT * FROM ${table}`).all();
  const changes = () => db.query<{ n: number }, []>("SELECT total_changes() AS n").get()?.n ?? 0;
  return { db, tally: new Tally(db), rows, changes };
}

const job = (
  seq: number,
  given: Partial<{ queue: string; priority: number; lane: string; ready: number }> = {},
) => ({
  seq,
  queue: "FifoQ",
  priority: 0,
  lane: "a",
  ready: 1,
  ...given,
});

describe("what jobs come to", () => {
  test("is written once, however many they are", () => {
    const { tally, rows, changes } = tallyOn();
    const before = changes();
    for (let seq = 1; seq <= 1_000; seq++) tally.stored(job(seq), 5_000);
    tally.write();
    expect(changes() - before).toBe(3);
    expect(rows("levels")).toEqual([{ queue: "FifoQ", priority: 0, depth: 1_000, tick: 0 }]);
    expect(rows("lanes")).toEqual([
      { queue: "FifoQ", priority: 0, lane: "a", ready: 1_000, served: -1, first_seq: 1 },
    ]);
    expect(rows("spans")).toEqual([{ block: 0, min_at: 4_096, max_at: 5_119 }]);
  });

  test("is counted for each queue, priority and lane by itself; who is not ready has no lane", () => {
    const { tally, rows } = tallyOn();
    tally.stored(job(1), 0);
    tally.stored(job(2, { queue: "pinned_a" }), 0);
    tally.stored(job(3, { priority: 1, lane: "b" }), 0);
    tally.stored(job(4, { ready: 0 }), 0);
    tally.write();
    expect(rows("levels")).toMatchObject([
      { queue: "FifoQ", priority: 0, depth: 2 },
      { queue: "FifoQ", priority: 1, depth: 1 },
      { queue: "pinned_a", priority: 0, depth: 1 },
    ]);
    expect(rows("lanes")).toMatchObject([
      { queue: "FifoQ", priority: 0, lane: "a", ready: 1, first_seq: 1 },
      { queue: "FifoQ", priority: 1, lane: "b", ready: 1, first_seq: 3 },
      { queue: "pinned_a", priority: 0, lane: "a", ready: 1, first_seq: 2 },
    ]);
  });

  test("follows jobs out of their queue, and leaves no empty row", () => {
    const { tally, rows } = tallyOn();
    for (let seq = 1; seq <= 3; seq++) tally.stored(job(seq), 0);
    tally.stored(job(4, { ready: 0 }), 0);
    tally.write();
    tally.dropped(job(1));
    tally.becameStale(job(2));
    tally.write();
    expect(rows("levels")).toMatchObject([{ depth: 3 }]);
    expect(rows("lanes")).toMatchObject([{ ready: 1 }]);
    tally.becameReady(job(4));
    tally.dropped(job(3));
    tally.write();
    expect(rows("lanes")).toMatchObject([{ ready: 1 }]);
    tally.dropped(job(4));
    tally.dropped(job(2, { ready: 0 }));
    tally.write();
    expect([...rows("levels"), ...rows("lanes")]).toEqual([]);
  });

  test("that came and went in one transaction is nothing", () => {
    const { tally, rows } = tallyOn();
    tally.requeued(job(1));
    tally.dropped(job(1));
    tally.write();
    expect([...rows("levels"), ...rows("lanes")]).toEqual([]);
  });

  test("that was undone is not written", () => {
    const { tally, changes } = tallyOn();
    const before = changes();
    tally.stored(job(1), 0);
    tally.ended(1, "failed", 5_000);
    tally.clear();
    tally.write();
    expect(changes()).toBe(before);
  });

  test("counts the ended by status, and erases what they would have run", () => {
    const { tally, rows, db } = tallyOn();
    for (const seq of [1, 2, 3, 4]) db.run("INSERT INTO payloads VALUES (?, x'00')", [seq]);
    for (const [n, status] of (["finished", "failed", "finished"] as const).entries())
      tally.ended(n + 1, status, 5_000);
    tally.write();
    expect(rows("payloads")).toMatchObject([{ seq: 4 }]);
    expect(rows("totals")).toEqual([
      { status: "finished", n: 2 },
      { status: "failed", n: 1 },
      { status: "cancelled", n: 0 },
    ]);
  });

  test("widens the span of a block both ways, and only then writes it", () => {
    const { tally, rows, changes } = tallyOn();
    const at = (createdAt: number) => {
      tally.stored(job(1_024, { ready: 0 }), createdAt);
      tally.write();
      return rows("spans");
    };
    expect(at(10_000)).toEqual([{ block: 1, min_at: 9_216, max_at: 10_239 }]);
    expect(at(20_000)).toEqual([{ block: 1, min_at: 9_216, max_at: 20_479 }]);
    expect(at(0)).toEqual([{ block: 1, min_at: 0, max_at: 20_479 }]);
    const before = changes();
    at(15_000);
    expect(changes() - before).toBe(1);
  });
});
