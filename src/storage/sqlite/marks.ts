import type { Database, Statement } from "bun:sqlite";
import type { JobFilter } from "../storage.ts";

/** Jobs in one block. */
export const BLOCK_JOBS = 4_096;
/** A value that fewer jobs of a block have is not marked: its index finds them as fast. */
export const WIDE = 64;
/** A block is marked once no more of its jobs than these can still change. */
export const MOST_ACTIVE = 256;

/** Blocks that one read looks at. */
const RUN_BLOCKS = 64;

/** What is marked, by the number it is stored under, and whether it is the same for the whole life of a job. */
export const MARKED = {
  queue: { number: 1, column: "queue", isFixed: true },
  host: { number: 2, column: "host", isFixed: true },
  driver: { number: 3, column: "driver", isFixed: true },
  batchId: { number: 4, column: "batch_id", isFixed: true },
  node: { number: 5, column: "node", isFixed: false },
  worker: { number: 6, column: "worker", isFixed: false },
  status: { number: 7, column: "status", isFixed: false },
} as const;
export type MarkedField = keyof typeof MARKED;

/** A block as the marks know it, for some conditions. */
export interface BlockMarks {
  block: number;
  /** Conditions that few of its jobs meet: the index of any of them finds those. */
  narrow: MarkedField[];
  /** Where none is: the jobs that may meet all, in the order of `seq`. */
  candidates: number[];
}

type Row = { block: number; active: string } & { [bits: `b${number}`]: Uint8Array | null };

/**
 * What was noted of the blocks whose jobs have all ended, or nearly: for each value that many of them have, a bit for
 * each job. Two conditions that many jobs meet and few together are then answered by an AND of bits. A job that can
 * still change counts as if it had any value of what changes.
 */
export interface Marks {
  /** The marked blocks that follow each other from `start` on, downwards unless `up`; empty when that one is not. */
  read(params: { filter: JobFilter; fields: MarkedField[]; start: number; up: boolean }): BlockMarks[];
}

export function prepareMarks(db: Database): Marks {
  const statements = new Map<string, Statement<Row, [Record<string, string | number>]>>();

  function statementFor(fields: MarkedField[], up: boolean) {
    const key = `${up} ${fields.join(" ")}`;
    const known = statements.get(key);
    if (known) return known;
    const bits = fields.map(
      (field, n) =>
        `(SELECT bits FROM marks WHERE block = marked.block AND field = ${MARKED[field].number} AND value = +:${field}) AS b${n}`,
    );
    const made = db.prepare<Row, [Record<string, string | number>]>(
      `SELECT ${["block", "active", ...bits].join(", ")} FROM marked
       WHERE block ${up ? ">=" : "<="} +:start ORDER BY block ${up ? "ASC" : "DESC"} LIMIT ${RUN_BLOCKS}`,
    );
    statements.set(key, made);
    return made;
  }

  return {
    read({ filter, fields, start, up }) {
      const rows = statementFor(fields, up).all({ ...filter, start });
      const gap = rows.findIndex(({ block }, n) => block !== (up ? start + n : start - n));
      return rows.slice(0, gap === -1 ? rows.length : gap).map((row) => toBlock(row, fields));
    },
  };
}

function toBlock(row: Row, fields: MarkedField[]): BlockMarks {
  const bits = fields.map((_, n) => row[`b${n}`] ?? null);
  const narrow = fields.filter((_, n) => bits[n] === null);
  if (narrow.length > 0) return { block: row.block, narrow, candidates: [] };
  const first = row.block * BLOCK_JOBS;
  const active = bitsOf(JSON.parse(row.active) as number[], first);
  const all = fields.map((field, n) => (MARKED[field].isFixed ? bits[n] : eitherOf(bits[n], active)));
  return { block: row.block, narrow, candidates: inAll(all).map((bit) => first + bit) };
}

/** A bit for each of the jobs of a block. */
export function bitsOf(seqs: number[], first: number): Uint8Array {
  const bits = new Uint8Array(BLOCK_JOBS / 8);
  for (const seq of seqs) {
    const at = (seq - first) >> 3;
    bits[at] = (bits[at] ?? 0) | (1 << ((seq - first) & 7));
  }
  return bits;
}

function eitherOf(bits: Uint8Array | null | undefined, others: Uint8Array): Uint8Array {
  return others.map((byte, at) => byte | (bits?.[at] ?? 0));
}

/** The numbers of the bits that are set in all. */
function inAll(all: (Uint8Array | null | undefined)[]): number[] {
  const found: number[] = [];
  for (let at = 0; at < BLOCK_JOBS / 8; at++) {
    let byte = 0xff;
    for (const bits of all) byte &= bits?.[at] ?? 0;
    for (let bit = 0; byte !== 0; bit++, byte >>= 1) if (byte & 1) found.push(at * 8 + bit);
  }
  return found;
}
