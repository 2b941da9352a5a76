import type { Database } from "bun:sqlite";
import type { Storage } from "../../storage.ts";
import { OPERATION_TTL_MS } from "../operations.ts";
import pruneSql from "../sql/prune.sql" with { type: "text" };
import type { Writer } from "../writer.ts";

type Params = Parameters<Storage["prune"]>[0];

/** Jobs removed in one transaction. */
const SLICE = 200;
const OPERATIONS_SLICE = 1_000;
/** Free pages given back to the file system in one go; it keeps the rest for what comes next. */
const VACUUM_PAGES = 256;

export function prune(db: Database, writer: Writer): (params: Params) => Promise<{ pruned: number }> {
  const remove = db.prepare<{ gone: 1 }, [{ now: number; max: number }]>(pruneSql);
  const tidy = prepareTidy(db);
  return async ({ max, now }) => {
    let pruned = 0;
    for (let got = SLICE; got === SLICE && pruned < max; pruned += got) {
      const limit = Math.min(SLICE, max - pruned);
      got = await writer.write((tx) => remove.all({ now: tx.now, max: limit }).length, now);
    }
    await writer.write((tx) => tidy(tx.now), now);
    return { pruned };
  };
}

/** What belongs to no single job: old answers, time spans of jobs long gone, free pages. */
function prepareTidy(db: Database): (now: number) => void {
  // Operations are numbered as they come, so the old ones are at the front: no index on their time is needed.
  const operations = db.prepare(
    `DELETE FROM operations WHERE at <= ? AND n IN (SELECT n FROM operations ORDER BY n LIMIT ${OPERATIONS_SLICE})`,
  );
  const spans = db.prepare(
    "DELETE FROM spans WHERE block < ifnull((SELECT min(seq) FROM jobs) >> 10, 1 << 62)",
  );
  return (now) => {
    operations.run(now - OPERATION_TTL_MS);
    spans.run();
    db.run(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`);
  };
}
