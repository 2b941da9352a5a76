import type { Database } from "bun:sqlite";
import { BLOCK_JOBS, bitsOf, MARKED, type MarkedField, MOST_ACTIVE, WIDE } from "./marks.ts";
import { breathe } from "./patience.ts";
import type { Reader } from "./reader.ts";
import type { Tx, Writer } from "./writer.ts";

/** Blocks marked in one round; the next round takes the rest. */
const MOST_BLOCKS = 64;
/** Jobs read in one go. */
const READ_JOBS = 1_024;

type Row = { seq: number } & Record<string, string | number | null>;
type Mark = { field: MarkedField; value: string; bits: Uint8Array };

/**
 * Marks the blocks of jobs that have come to rest (see `marks.ts`), away from any job's path and in small steps, and
 * forgets the marks of blocks that are gone. A job that has ended never changes and no number is given twice, so what
 * is marked stays true for as long as the job is there.
 */
export function prepareMarker(db: Database, writer: Writer, reader: Reader): (now?: number) => Promise<void> {
  const unmarked = prepareUnmarked(db);
  const activeIn = prepareActive(db);
  const columns = Object.values(MARKED).map(({ column }) => column);
  const read = db.prepare<Row, [number, number]>(
    `SELECT seq, ${columns.join(", ")} FROM jobs WHERE seq BETWEEN ? AND ?`,
  );
  const store = prepareStore(db);
  const forget = prepareForget(db);

  /** Null when too many of its jobs can still change. */
  async function marksOf(block: number): Promise<{ active: number[]; marks: Mark[] } | null> {
    // First: what is active later was active now, so whatever is read then of the others is for good.
    const active = await reader.read(() => activeIn(block));
    if (active.length > MOST_ACTIVE) return null;
    const members = new Members(new Set(active));
    const first = block * BLOCK_JOBS;
    for (let at = first; at < first + BLOCK_JOBS; at += READ_JOBS) {
      for (const row of await reader.read(() => read.all(at, at + READ_JOBS - 1))) members.add(row);
      await breathe();
    }
    return { active, marks: members.marks(first) };
  }

  return async (now) => {
    await writer.write(forget, now);
    let stored = 0;
    for (const block of await reader.read(unmarked)) {
      const made = await marksOf(block);
      if (!made) continue;
      await writer.write(() => store(block, made.active, made.marks), now);
      stored += 1;
      if (stored === MOST_BLOCKS) return;
    }
  };
}

/** Blocks that are full and have no marks, oldest first. */
function prepareUnmarked(db: Database): () => number[] {
  const edges = db.prepare<{ first: number | null; last: number | null }, []>(
    "SELECT (SELECT min(seq) FROM jobs) AS first, (SELECT max(seq) FROM jobs) AS last",
  );
  const marked = db.prepare<{ block: number }, []>("SELECT block FROM marked");
  return () => {
    const { first, last } = edges.get() ?? { first: null, last: null };
    const known = new Set(marked.all().map(({ block }) => block));
    const found: number[] = [];
    for (let block = blockOf(first ?? 0); block < blockOf(last ?? 0); block++) {
      if (!known.has(block)) found.push(block);
    }
    return found;
  };
}

/** Those of a block that have not ended, or one too many of them; in one statement, so that none slips through. */
function prepareActive(db: Database): (block: number) => number[] {
  const active = db.prepare<{ seq: number }, { from: number; to: number }>(
    `SELECT seq FROM (
       SELECT seq FROM jobs INDEXED BY jobs_status
       WHERE status = 'queued' AND status <> 'started' AND seq BETWEEN +:from AND +:to
       UNION ALL
       SELECT seq FROM jobs INDEXED BY jobs_running WHERE status = 'started' AND seq BETWEEN +:from AND +:to
     ) LIMIT ${MOST_ACTIVE + 1}`,
  );
  return (block) => {
    const from = block * BLOCK_JOBS;
    return active.all({ from, to: from + BLOCK_JOBS - 1 }).map(({ seq }) => seq);
  };
}

function prepareStore(db: Database): (block: number, active: number[], marks: Mark[]) => void {
  const addBlock = db.prepare(
    "INSERT INTO marked (block, active) VALUES (?, ?) ON CONFLICT (block) DO NOTHING",
  );
  const addMark = db.prepare("INSERT INTO marks (block, field, value, bits) VALUES (?, ?, ?, ?)");
  return (block, active, marks) => {
    // Another process was first: its marks go with its list of active jobs.
    if (addBlock.run(block, JSON.stringify(active)).changes === 0) return;
    for (const { field, value, bits } of marks) addMark.run(block, MARKED[field].number, value, bits);
  };
}

function prepareForget(db: Database): (tx: Tx) => void {
  const oldest = db.prepare<{ seq: number | null }, []>("SELECT min(seq) AS seq FROM jobs");
  const gone = ["marks", "marked"].map((table) => db.prepare(`DELETE FROM ${table} WHERE block < ?`));
  return () => {
    const { seq } = oldest.get() ?? { seq: null };
    for (const each of gone) each.run(seq === null ? Number.MAX_SAFE_INTEGER : blockOf(seq));
  };
}

function blockOf(seq: number): number {
  return Math.floor(seq / BLOCK_JOBS);
}

/** The jobs of a block by what they have. */
class Members {
  readonly #active: Set<number>;
  readonly #byField = new Map<MarkedField, Map<string, number[]>>();

  constructor(active: Set<number>) {
    this.#active = active;
    for (const field of Object.keys(MARKED) as MarkedField[]) this.#byField.set(field, new Map());
  }

  add(row: Row): void {
    const isActive = this.#active.has(row.seq);
    for (const [field, values] of this.#byField) {
      if (isActive && !MARKED[field].isFixed) continue;
      const value = row[MARKED[field].column];
      if (typeof value !== "string") continue;
      const members = values.get(value);
      if (members) members.push(row.seq);
      else values.set(value, [row.seq]);
    }
  }

  /** Of the values that many have. */
  marks(first: number): Mark[] {
    const marks: Mark[] = [];
    for (const [field, values] of this.#byField) {
      for (const [value, members] of values) {
        if (members.length >= WIDE) marks.push({ field, value, bits: bitsOf(members, first) });
      }
    }
    return marks;
  }
}
