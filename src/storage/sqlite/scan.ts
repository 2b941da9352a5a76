import type { Database } from "bun:sqlite";
import { and, asc, desc, eq, gte, lt, lte, type SQL, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/bun-sqlite";
import type { SQLiteColumn } from "drizzle-orm/sqlite-core";
import type { JobFilter } from "../storage.ts";
import type { JobRow } from "./rows.ts";
import { jobs, spans } from "./schema.ts";

/** Index entries looked at in one step; a step stays within a few milliseconds whatever the filter. */
const STRIDE = 1_000;

export interface ScanParams {
  filter: JobFilter;
  order: "asc" | "desc";
  limit: number;
  /** Exclusive: where the step before stopped. */
  after: number | null;
}

export interface ScanStep {
  rows: JobRow[];
  /** Where to go on; null when nothing is left. Rows may be fewer than the limit, even none, and more may follow. */
  next: number | null;
}

/** An equality of the filter; each has an index that ends in `seq`. */
interface Condition {
  column: SQLiteColumn;
  value: string;
}

/** Inclusive bounds of `seq`. */
interface Range {
  from: number;
  to: number;
}

/**
 * Steps through the jobs that match a filter in the order of `seq`, never reading more of the table than a stride.
 *
 * One index narrows a step and the other conditions are checked on the rows it finds. Which index: each says where
 * its next thousand entries end, and the one that reaches farthest is, just here, the most selective. An index for
 * each pair of filters would spare those looks and cost every job a dozen more index writes.
 */
export function prepareScan(db: Database): (params: ScanParams) => ScanStep {
  const orm = drizzle({ client: db });
  const bounds = prepareBounds(db);

  function select(params: ScanParams, driver: Condition | undefined, rest: Condition[], range: Range) {
    const { since, until } = params.filter;
    return orm
      .select()
      .from(jobs)
      .where(
        and(
          inRange(range),
          driver && eq(driver.column, driver.value),
          ...rest.map(unindexed),
          since === undefined ? undefined : gte(jobs.created_at, since),
          until === undefined ? undefined : lt(jobs.created_at, until),
        ),
      )
      .orderBy(byOrder(params.order))
      .limit(params.limit);
  }

  /** Where the index's next stride ends; null when it has fewer entries left. */
  function strideEnd(driver: Condition | undefined, order: ScanParams["order"], range: Range): number | null {
    const [row] = orm
      .select({ seq: jobs.seq })
      .from(jobs)
      .where(and(inRange(range), driver && eq(driver.column, driver.value)))
      .orderBy(byOrder(order))
      .limit(1)
      .offset(STRIDE - 1)
      .all();
    return row?.seq ?? null;
  }

  function farthest(conditions: Condition[], order: ScanParams["order"], range: Range) {
    const candidates = conditions.length > 0 ? conditions : [undefined];
    const reach = candidates.map((driver) => ({ driver, end: strideEnd(driver, order, range) }));
    return reach.reduce((best, other) => (reaches(other.end, best.end, order) ? other : best));
  }

  return (params) => {
    const { order, filter, limit } = params;
    const conditions = conditionsOf(filter);
    const range = restOf(bounds(filter), params);
    if (range === null) return { rows: [], next: null };
    const timed = filter.since !== undefined || filter.until !== undefined;
    if (conditions.length <= 1 && !timed) {
      const rows = select(params, conditions[0], [], range).all();
      return { rows, next: rows.length < limit ? null : (rows.at(-1)?.seq ?? null) };
    }
    const { driver, end } = farthest(conditions, order, range);
    const rest = conditions.filter((condition) => condition !== driver);
    const rows = select(params, driver, rest, until(range, end, order)).all();
    return { rows, next: rows.length < limit ? end : (rows.at(-1)?.seq ?? null) };
  };
}

function conditionsOf(filter: JobFilter): Condition[] {
  const { batchId, worker, host, queue, status, node, driver } = filter;
  const all: [SQLiteColumn, string | undefined][] = [
    [jobs.batch_id, batchId],
    [jobs.worker, worker],
    [jobs.host, host],
    [jobs.queue, queue],
    [jobs.status, status],
    [jobs.node, node],
    [jobs.driver, driver],
  ];
  return all.flatMap(([column, value]) => (value === undefined ? [] : [{ column, value }]));
}

/** The unary plus keeps the column's index out of the plan: the step has chosen another. */
function unindexed({ column, value }: Condition): SQL {
  return sql`+${column} = ${value}`;
}

function inRange({ from, to }: Range): SQL | undefined {
  return and(
    from > 0 ? gte(jobs.seq, from) : undefined,
    to < Number.MAX_SAFE_INTEGER ? lte(jobs.seq, to) : undefined,
  );
}

function byOrder(order: ScanParams["order"]): SQL {
  return order === "asc" ? asc(jobs.seq) : desc(jobs.seq);
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
  const orm = drizzle({ client: db });
  return ({ since, until }) => {
    if (since === undefined && until === undefined) return { from: 0, to: Number.MAX_SAFE_INTEGER };
    const [found] = orm
      .select({
        first: sql<number | null>`min(${spans.block})`,
        last: sql<number | null>`max(${spans.block})`,
      })
      .from(spans)
      .where(
        and(
          since === undefined ? undefined : gte(spans.max_at, since),
          until === undefined ? undefined : lt(spans.min_at, until),
        ),
      )
      .all();
    if (!found || found.first === null || found.last === null) return null;
    return { from: found.first * 1024, to: found.last * 1024 + 1023 };
  };
}
