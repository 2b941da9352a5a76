import type { Database } from "bun:sqlite";
import { OWED_MS } from "../../deliveries.ts";
import type { Storage } from "../../storage.ts";
import { prepareMarker } from "../marker.ts";
import { OPERATION_TTL_MS } from "../operations.ts";
import type { Reader } from "../reader.ts";
import pruneSql from "../sql/prune.sql" with { type: "text" };
import owedSql from "../sql/prune-owed.sql" with { type: "text" };
import type { Tx, Writer } from "../writer.ts";

type Params = Parameters<Storage["prune"]>[0];

/** Removed in one transaction. */
const JOBS_SLICE = 200;
const OPERATIONS_SLICE = 1_000;
/** Free pages given back to the file system in one go; it keeps the rest for what comes next. */
const VACUUM_PAGES = 256;

export function prune(
  db: Database,
  writer: Writer,
  reader: Reader,
): (params: Params) => Promise<{ pruned: number }> {
  const remove = db.prepare<{ gone: 1 }, [{ now: number; max: number }]>(pruneSql);
  const putOff = db.prepare<unknown, [{ now: number; max: number; until: number }]>(owedSql);
  const dropOperations = prepareDropOperations(db);
  const tidy = prepareTidy(db);
  const mark = prepareMarker(db, writer, reader);

  /** Again and again, a slice a transaction, until there is less than a slice. */
  async function inSlices(slice: number, max: number, drop: (max: number, tx: Tx) => number, now?: number) {
    let dropped = 0;
    for (let got = slice; got === slice && dropped < max; dropped += got) {
      const most = Math.min(slice, max - dropped);
      got = await writer.write((tx) => drop(most, tx), now);
    }
    return dropped;
  }

  const dropJobs = (most: number, tx: Tx) => {
    putOff.run({ now: tx.now, max: most, until: tx.now + OWED_MS });
    return remove.all({ now: tx.now, max: most }).length;
  };
  const dropAnswers = (most: number, tx: Tx) => dropOperations(most, tx.now);

  return async ({ max, now }) => {
    const pruned = await inSlices(JOBS_SLICE, max, dropJobs, now);
    await inSlices(OPERATIONS_SLICE, Number.POSITIVE_INFINITY, dropAnswers, now);
    await writer.write(tidy, now);
    await mark(now);
    return { pruned };
  };
}

/** Old answers. They are numbered as they come, so the old ones are at the front: no index on their time is needed. */
function prepareDropOperations(db: Database): (max: number, now: number) => number {
  const drop = db.prepare<unknown, [number, number]>(
    "DELETE FROM operations WHERE at <= ? AND n IN (SELECT n FROM operations ORDER BY n LIMIT +?)",
  );
  return (max, now) => drop.run(now - OPERATION_TTL_MS, max).changes;
}

/** What belongs to no single job: time spans of jobs long gone, free pages. */
function prepareTidy(db: Database): () => void {
  const spans = db.prepare(
    "DELETE FROM spans WHERE block < ifnull((SELECT min(seq) FROM jobs) >> 10, 1 << 62)",
  );
  return () => {
    spans.run();
    db.run(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`);
  };
}
