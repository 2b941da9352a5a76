import type { Database } from "bun:sqlite";
import { resultTypeOf, type Storage } from "../../storage.ts";
import { encodeResult, type QueuedRow } from "../rows.ts";
import expireSql from "../sql/expire.sql" with { type: "text" };
import dueSql from "../sql/expire-due.sql" with { type: "text" };
import type { Tx, Writer } from "../writer.ts";

type Params = Parameters<Storage["expire"]>[0];

/** Jobs failed in one transaction. */
const SLICE = 200;

export function expire(db: Database, writer: Writer): (params: Params) => Promise<{ ids: string[] }> {
  const due = db.prepare<QueuedRow, [{ now: number; max: number }]>(dueSql);
  const fail = db.prepare(expireSql);

  function failDue(result: string, max: number, tx: Tx): QueuedRow[] {
    const rows = due.all({ now: tx.now, max });
    for (const row of rows) {
      fail.run({ seq: row.seq, now: tx.now, result });
      tx.tally.dropped(row);
      tx.tally.ended(row.seq, "failed", tx.now);
      tx.hint({ kind: "job", id: row.id, status: "failed" });
    }
    return rows;
  }

  return async ({ max, error, now }) => {
    const ids: string[] = [];
    const result = encodeResult(resultTypeOf(error), error);
    for (let got = SLICE; got === SLICE && ids.length < max; ) {
      const most = Math.min(SLICE, max - ids.length);
      const slice = await writer.write((tx) => failDue(result, most, tx), now);
      for (const { id } of slice) ids.push(id);
      got = slice.length;
    }
    return { ids };
  };
}
