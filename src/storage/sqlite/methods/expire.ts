import type { Database } from "bun:sqlite";
import { resultTypeOf, type Storage } from "../../storage.ts";
import { encodeResult } from "../rows.ts";
import expireSql from "../sql/expire.sql" with { type: "text" };
import type { Writer } from "../writer.ts";

type Params = Parameters<Storage["expire"]>[0];
type Expired = { id: string; seq: number; expires_at: number };

/** Jobs failed in one transaction. */
const SLICE = 200;

export function expire(db: Database, writer: Writer): (params: Params) => Promise<{ ids: string[] }> {
  const update = db.prepare<Expired, [Record<string, string | number>]>(expireSql);
  return async ({ max, error, now }) => {
    const ids: string[] = [];
    const result = encodeResult(resultTypeOf(error), error);
    for (let got = SLICE; got === SLICE && ids.length < max; ) {
      const slice = await writer.write((tx) => {
        const rows = update.all({ now: tx.now, result, max: Math.min(SLICE, max - ids.length) });
        for (const { id } of rows) tx.hint({ kind: "job", id, status: "failed" });
        return rows;
      }, now);
      // The order of RETURNING is undefined.
      slice.sort((a, b) => a.expires_at - b.expires_at || a.seq - b.seq);
      for (const { id } of slice) ids.push(id);
      got = slice.length;
    }
    return { ids };
  };
}
