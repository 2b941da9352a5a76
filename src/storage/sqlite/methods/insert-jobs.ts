import { type Database, SQLiteError, type Statement } from "bun:sqlite";
import type { NewJob } from "../../storage.ts";
import enqueueSql from "../sql/enqueue.sql" with { type: "text" };

/** A job as it goes into the table: what it was given, and what follows from the moment it arrived. */
export interface NewRow {
  job: NewJob;
  exclusive: 0 | 1;
  ready: 0 | 1;
  runAt: number | null;
  expiresAt: number | null;
  enqueuedAt: number;
}

/** Inserts jobs with their sealed operations, in order. */
export interface Inserter {
  /** The `seq` of each; null where a job with its id is there already. */
  insert(rows: NewRow[]): (number | null)[];
}

/** A statement for many rows spares most of the cost of a statement; beyond some dozens it gains nothing more. */
const SIZES = [40, 8];

type Value = string | number | Uint8Array | null;
type Sized = { size: number; jobs: Statement<unknown, Value[]>; payloads: Statement<unknown, Value[]> };

export function prepareInserter(db: Database): Inserter {
  const insertOne = db.prepare<unknown, Value[]>(`${enqueueSql} ON CONFLICT (id) DO NOTHING`);
  const insertPayload = db.prepare<unknown, Value[]>(PAYLOAD);
  const sized = new Map<number, Sized>();

  function ofSize(size: number): Sized {
    let statements = sized.get(size);
    if (!statements) {
      const [jobs, payloads] = [repeated(enqueueSql, size), repeated(PAYLOAD, size)].map((sql) =>
        db.prepare(sql),
      );
      if (!jobs || !payloads) throw new Error("unreachable");
      statements = { size, jobs, payloads };
      sized.set(size, statements);
    }
    return statements;
  }

  function one(row: NewRow): number | null {
    const { changes, lastInsertRowid } = insertOne.run(...valuesOf(row));
    if (changes === 0) return null;
    const seq = Number(lastInsertRowid);
    insertPayload.run(seq, row.job.sealed);
    return seq;
  }

  /** Rows of one statement get consecutive numbers. One that is there already undoes it: then each goes by itself. */
  function many(rows: NewRow[], { size, jobs, payloads }: Sized): (number | null)[] {
    const last = insertAll(jobs, rows);
    if (last === null) return rows.map(one);
    const seqs = rows.map((_, n) => last - size + 1 + n);
    payloads.run(...rows.flatMap(({ job }, n) => [seqs[n] ?? 0, job.sealed]));
    return seqs;
  }

  return {
    insert(rows) {
      const seqs: (number | null)[] = [];
      for (const size of SIZES) {
        while (rows.length - seqs.length >= size) {
          seqs.push(...many(rows.slice(seqs.length, seqs.length + size), ofSize(size)));
        }
      }
      for (const row of rows.slice(seqs.length)) seqs.push(one(row));
      return seqs;
    },
  };
}

/** The last row's number; null when one of the ids is there already, and then no row was inserted. */
function insertAll(statement: Statement<unknown, Value[]>, rows: NewRow[]): number | null {
  const values: Value[] = [];
  for (const row of rows) values.push(...valuesOf(row));
  try {
    return Number(statement.run(...values).lastInsertRowid);
  } catch (error) {
    if (error instanceof SQLiteError && error.code === "SQLITE_CONSTRAINT_UNIQUE") return null;
    throw error;
  }
}

const PAYLOAD = "INSERT INTO payloads (seq, sealed) VALUES (?, ?)";

/** The statement for so many rows: its VALUES again and again. */
function repeated(sql: string, rows: number): string {
  const at = sql.lastIndexOf("VALUES") + "VALUES".length;
  return sql.slice(0, at) + Array(rows).fill(sql.slice(at)).join(",");
}

/** In the order of `enqueue.sql`. */
function valuesOf({ job, exclusive, ready, runAt, expiresAt, enqueuedAt }: NewRow): Value[] {
  return [
    job.id,
    job.queue,
    exclusive,
    job.driver,
    job.host,
    job.site,
    job.batchId,
    JSON.stringify(job.command),
    job.retvalShape,
    job.priority,
    job.lane,
    ready,
    runAt,
    job.ttlMs,
    expiresAt,
    job.resultTtlMs,
    job.executionTimeoutMs,
    job.retries,
    job.createdAt,
    enqueuedAt,
  ];
}
