import type { Database, Statement } from "bun:sqlite";
import type { JobFilter } from "../storage.ts";
import { BLOCK_JOBS, type BlockMarks, type MarkedField, prepareMarks } from "./marks.ts";
import { SPAN_JOBS } from "./tally.ts";

/** Index entries looked at in one step; a step stays within a few milliseconds whatever the filter. */
const STRIDE = 1_000;
/** Jobs that are fetched one by one; for more, the rows between them are looked at as well. */
const FEW = 100;
/** Statements kept prepared: one for each kind of filter in use. */
const STATEMENTS = 200;

export interface ScanParams {
  filter: JobFilter;
  order: "asc" | "desc";
  limit: number;
  /** Exclusive: where the step before stopped. */
  after: number | null;
}

export interface ScanStep<R> {
  rows: R[];
  /** Where to go on; null when nothing is left. Rows may be fewer than the limit, even none, and more may follow. */
  next: number | null;
}

/** The equalities of a filter, the most selective first where nothing else tells. */
const COLUMNS = {
  batchId: "batch_id",
  worker: "worker",
  host: "host",
  queue: "queue",
  status: "status",
  node: "node",
  driver: "driver",
} as const;
type Field = keyof typeof COLUMNS;
const FIELDS = Object.keys(COLUMNS) as Field[];

/** An index to walk in the order of `seq`, and what holds for all its entries. */
interface Way {
  index: string | null;
  where: string[];
  holds: Field[];
}

/** Inclusive bounds of `seq`. */
interface Range {
  from: number;
  to: number;
}

type Values = Record<string, string | number>;

/**
 * Steps through the jobs that match a filter in the order of `seq`, never reading more of the table than a stride.
 *
 * One index narrows a step and the other conditions are checked on the rows it finds. Which index: each says where
 * its next thousand entries end, and the one that reaches farthest is, just here, the most selective. An index for
 * each pair of filters would spare those looks and cost every job a dozen more index writes; only jobs that did not
 * succeed have them. Where jobs have come to rest, marks tell which of them meet several conditions at once.
 */
export function prepareScan<R extends { seq: number }>(
  db: Database,
  columns: string,
): (params: ScanParams) => ScanStep<R> {
  const statements = new Map<string, Statement>();
  const bounds = prepareBounds(db);
  const marks = prepareMarks(db);

  function prepared<Row>(sql: string): Statement<Row, [Values]> {
    let statement = statements.get(sql);
    if (!statement) {
      const [oldest] = statements.keys();
      if (statements.size >= STATEMENTS && oldest !== undefined) {
        statements.get(oldest)?.finalize();
        statements.delete(oldest);
      }
      statement = db.prepare(sql);
      statements.set(sql, statement);
    }
    return statement as Statement<Row, [Values]>;
  }

  function select({ filter, order, limit }: ScanParams, way: Way, range: Range): R[] {
    const rest = given(filter).filter((field) => !way.holds.includes(field));
    const where = [
      ...inRange(way),
      ...rest.map((field) => `+${COLUMNS[field]} = +:${field}`),
      ...(filter.since === undefined ? [] : ["created_at >= +:since"]),
      ...(filter.until === undefined ? [] : ["created_at < +:until"]),
    ];
    const sql = `SELECT ${columns} FROM jobs ${by(way)} WHERE ${where.join(" AND ")} ORDER BY seq ${order} LIMIT +:limit`;
    return prepared<R>(sql).all({ ...filter, ...range, limit });
  }

  /** Where the next stride on this way ends; null when it has fewer entries left. */
  function strideEnd({ filter, order }: ScanParams, way: Way, range: Range): number | null {
    const where = inRange(way).join(" AND ");
    const sql = `SELECT seq FROM jobs ${by(way)} WHERE ${where} ORDER BY seq ${order} LIMIT 1 OFFSET ${STRIDE - 1}`;
    return prepared<{ seq: number }>(sql).get({ ...filter, ...range })?.seq ?? null;
  }

  function farthest(params: ScanParams, ways: Way[], range: Range) {
    const reach = ways.map((way) => ({ way, end: strideEnd(params, way, range) }));
    return reach.reduce((best, other) => (reaches(other.end, best.end, params.order) ? other : best));
  }

  function markedFrom({ filter, order }: ScanParams, { from, to }: Range): BlockMarks[] {
    const fields = given(filter);
    if (fields.length < 2 || filter.status === "started") return [];
    const up = order === "asc";
    const newest = prepared<{ seq: number | null }>("SELECT max(seq) AS seq FROM jobs").get({})?.seq ?? 0;
    const start = Math.floor((up ? from : Math.min(to, newest)) / BLOCK_JOBS);
    return marks.read({ filter, fields, start, up });
  }

  /** Of a block the jobs that its marks name; of neighbours in which a condition is narrow, what its index finds. */
  function throughMarks(params: ScanParams, blocks: BlockMarks[], range: Range): ScanStep<R> {
    const rows: R[] = [];
    for (const stretch of stretchesOf(blocks)) {
      const part = within(range, stretch);
      const limit = params.limit - rows.length;
      if (part.from > part.to) continue;
      if (stretch.narrow) rows.push(...select({ ...params, limit }, single(stretch.narrow), part));
      else rows.push(...pick({ ...params, limit }, stretch.candidates, part));
      if (rows.length >= params.limit) return { rows, next: rows.at(-1)?.seq ?? null };
    }
    const last = blocks.at(-1)?.block ?? 0;
    return { rows, next: params.order === "asc" ? last * BLOCK_JOBS + BLOCK_JOBS - 1 : last * BLOCK_JOBS };
  }

  /** Those of the candidates that match: one may have been active when marks were made, or be forgotten. */
  function pick(params: ScanParams, candidates: number[], range: Range): R[] {
    const inside = candidates.filter((seq) => seq >= range.from && seq <= range.to);
    const [first, last] = [inside[0], inside.at(-1)];
    if (first === undefined || last === undefined) return [];
    if (inside.length > FEW) return select(params, TABLE, { from: first, to: last });
    const inOrder = params.order === "asc" ? inside : inside.toReversed();
    return inOrder.flatMap((seq) => select(params, TABLE, { from: seq, to: seq })).slice(0, params.limit);
  }

  return (params) => {
    const { order, filter, limit } = params;
    const range = restOf(bounds(filter), params);
    if (range === null || range.from > range.to) return { rows: [], next: null };
    const ways = waysOf(filter);
    const [only] = ways;
    if (only && ways.length === 1 && needsNoStride(only, filter)) {
      const rows = select(params, only, range);
      return { rows, next: rows.length < limit ? null : (rows.at(-1)?.seq ?? null) };
    }
    const { way, end } = farthest(params, ways, range);
    const blocks = end === null ? [] : markedFrom(params, range);
    if (blocks.length > 0) return throughMarks(params, blocks, range);
    const rows = select(params, way, until(range, end, order));
    return { rows, next: rows.length < limit ? end : (rows.at(-1)?.seq ?? null) };
  };
}

function given(filter: JobFilter): Field[] {
  return FIELDS.filter((field) => filter[field] !== undefined);
}

const TABLE: Way = { index: null, where: [], holds: [] };
/** Not in the order of `seq`, and never more of them than workers. */
const STARTED: Way = { index: "jobs_running", where: ["status = 'started'"], holds: ["status"] };

/** An index is usable only where the query repeats the condition that makes it partial. */
function waysOf(filter: JobFilter): Way[] {
  const fields = given(filter);
  const { status } = filter;
  if (status === "started") return [STARTED];
  const others = fields.filter((field) => field !== "status");
  if ((status === "failed" || status === "cancelled") && others.length > 0) return others.map(failing);
  return fields.length > 0 ? fields.map(single) : [TABLE];
}

function single(field: Field): Way {
  const column = COLUMNS[field];
  const where = [`${column} = +:${field}`, ...(field === "status" ? ["status <> 'started'"] : [])];
  return { index: field === "batchId" ? "jobs_batch" : `jobs_${column}`, where, holds: [field] };
}

function failing(field: Field): Way {
  const { index, where } = single(field);
  return {
    index: `${index}_failing`,
    where: [...where, "status = +:status", "status IN ('failed', 'cancelled')"],
    holds: [field, "status"],
  };
}

function by({ index }: Way): string {
  return index === null ? "NOT INDEXED" : `INDEXED BY ${index}`;
}

function inRange({ where }: Way): string[] {
  return [...where, "seq >= +:from", "seq <= +:to"];
}

/** Neighbouring blocks that are looked at in one go. */
interface Stretch extends Range {
  /** The condition whose index finds the few; null where the candidates are known. */
  narrow: MarkedField | null;
  candidates: number[];
}

function stretchesOf(blocks: BlockMarks[]): Stretch[] {
  const stretches: Stretch[] = [];
  for (const { block, narrow, candidates } of blocks) {
    const own = { from: block * BLOCK_JOBS, to: block * BLOCK_JOBS + BLOCK_JOBS - 1 };
    const last = stretches.at(-1);
    if (last?.narrow && narrow.includes(last.narrow)) {
      last.from = Math.min(last.from, own.from);
      last.to = Math.max(last.to, own.to);
    } else stretches.push({ ...own, narrow: narrow[0] ?? null, candidates });
  }
  return stretches;
}

function within(range: Range, { from, to }: Range): Range {
  return { from: Math.max(range.from, from), to: Math.min(range.to, to) };
}

/** The way's entries are what is looked for, or few. */
function needsNoStride(way: Way, filter: JobFilter): boolean {
  const timed = filter.since !== undefined || filter.until !== undefined;
  return way === STARTED || (!timed && given(filter).length === way.holds.length);
}

function restOf(range: Range | null, { order, after }: ScanParams): Range | null {
  if (range === null || after === null) return range;
  if (order === "asc") return { ...range, from: Math.max(range.from, after + 1) };
  return { ...range, to: Math.min(range.to, after - 1) };
}

function until(range: Range, end: number | null, order: ScanParams["order"]): Range {
  if (end === null) return range;
  return order === "asc" ? { ...range, to: end } : { ...range, from: end };
}

function reaches(end: number | null, other: number | null, order: ScanParams["order"]): boolean {
  if (other === null) return false;
  if (end === null) return true;
  return order === "asc" ? end > other : end < other;
}

/** The blocks of jobs whose time range meets the filter's, as a range of `seq`; null when there is none. */
function prepareBounds(db: Database): (filter: JobFilter) => Range | null {
  const meeting = db.prepare<{ first: number | null; last: number | null }, [number, number]>(
    "SELECT min(block) AS first, max(block) AS last FROM spans WHERE max_at >= ? AND min_at < ?",
  );
  return ({ since, until: end }) => {
    if (since === undefined && end === undefined) return { from: 0, to: Number.MAX_SAFE_INTEGER };
    const found = meeting.get(since ?? 0, end ?? Number.MAX_SAFE_INTEGER);
    if (!found || found.first === null || found.last === null) return null;
    return { from: found.first * SPAN_JOBS, to: found.last * SPAN_JOBS + SPAN_JOBS - 1 };
  };
}
