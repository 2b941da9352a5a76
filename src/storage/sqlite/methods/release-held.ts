import type { Database } from "bun:sqlite";
import { HELD, type Storage } from "../../storage.ts";
import { QUEUED_COLUMNS, type QueuedRow } from "../rows.ts";
import { prepareScan } from "../scan.ts";
import releaseSql from "../sql/release.sql" with { type: "text" };
import type { Tx, Writer } from "../writer.ts";

type Params = Parameters<Storage["releaseHeld"]>[0];

/** Jobs released in one transaction. */
const SLICE = 300;

interface Slice {
  released: number;
  /** Where to go on; null at the end. */
  next: number | null;
}

/** A slice a transaction, so that neither the loop nor the file is held for long. */
export function releaseHeld(db: Database, writer: Writer): (params: Params) => Promise<{ released: number }> {
  const scan = prepareScan<QueuedRow>(db, QUEUED_COLUMNS);
  const release = db.prepare(releaseSql);

  function releaseSlice(batchId: string, after: number | null, tx: Tx): Slice {
    const found = scan({ filter: { batchId, status: "queued" }, order: "asc", limit: SLICE, after });
    const held = found.rows.filter(({ seq }) => release.run({ seq, now: tx.now, held: HELD }).changes > 0);
    for (const row of held) tx.tally.becameReady(row);
    for (const { queue } of held) tx.hint({ kind: "queued", queue });
    return { released: held.length, next: found.next };
  }

  return async ({ batchId, now }) => {
    let released = 0;
    let last: Slice = { released: 0, next: null };
    do {
      const { next } = last;
      last = await writer.write((tx) => releaseSlice(batchId, next, tx), now);
      released += last.released;
    } while (last.next !== null);
    return { released };
  };
}
