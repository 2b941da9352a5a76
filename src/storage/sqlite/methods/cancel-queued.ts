import type { Database } from "bun:sqlite";
import type { Storage } from "../../storage.ts";
import { prepareOperations } from "../operations.ts";
import { QUEUED_COLUMNS, type QueuedRow } from "../rows.ts";
import { prepareScan, type ScanStep } from "../scan.ts";
import type { Write, Writer } from "../writer.ts";
import { prepareCancel } from "./cancel.ts";

type Params = Parameters<Storage["cancelQueued"]>[0];
type Step = Omit<Params, "now"> & { part: number; after: number | null; upTo: number | null };

/** Jobs cancelled in one transaction. */
const SLICE = 300;

/** What one transaction did; remembered, so that a repeat after a crash goes on where it stopped. */
interface Part {
  ids: string[];
  after: number | null;
  /** The newest job when the first part began; null before. */
  upTo: number | null;
  done: boolean;
}

/**
 * Any number of jobs, a slice a transaction, so that neither the loop nor the file is held for long. Each job is
 * cancelled in one atom; jobs that arrive while it goes on are left alone.
 */
export function cancelQueued(db: Database, writer: Writer): (params: Params) => Promise<{ ids: string[] }> {
  const step = cancelSlice(db);
  return async ({ op, filter, now }) => {
    const ids: string[] = [];
    if (filter.status !== undefined && filter.status !== "queued") return { ids };
    let last: Pick<Part, "after" | "upTo" | "done"> = { after: null, upTo: null, done: false };
    for (let part = 0; !last.done; part++) {
      const { after, upTo } = last;
      const done: Part = await writer.write((tx) => step({ op, filter, part, after, upTo }, tx), now);
      ids.push(...done.ids);
      last = done;
    }
    return { ids };
  };
}

function cancelSlice(db: Database): Write<Step, Part> {
  const operations = prepareOperations(db);
  const scan = prepareScan<QueuedRow>(db, QUEUED_COLUMNS);
  const cancel = prepareCancel(db);
  const newest = db.prepare<{ seq: number | null }, []>("SELECT max(seq) AS seq FROM jobs");

  return ({ op, filter, part, after, upTo: known }, tx) => {
    const before = operations.recall<Part>(op, part);
    if (before) return before;
    const upTo = known ?? newest.get()?.seq ?? 0;
    const found = scan({ filter: { ...filter, status: "queued" }, order: "asc", limit: SLICE, after });
    const ids = found.rows.flatMap((row) => (row.seq <= upTo && cancel(row, tx) ? [row.id] : []));
    const answer: Part = { ids, after: found.next, upTo, done: isLast(found, upTo) };
    operations.remember(op, part, answer, tx.now);
    return answer;
  };
}

function isLast({ next }: ScanStep<unknown>, upTo: number): boolean {
  return next === null || next >= upTo;
}
