import type { Database } from "bun:sqlite";
import { and, eq, gt, inArray, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/bun-sqlite";
import { JOB_STATUSES, type JobStatus } from "../../../core/job.ts";
import type { Batch, BatchState, BatchStore } from "../../batches.ts";
import type { Storage } from "../../storage.ts";
import { breathe } from "../patience.ts";
import type { Reader } from "../reader.ts";
import { batches } from "../schema.ts";
import type { Write } from "../writer.ts";

type BatchRow = typeof batches.$inferSelect;
type Answer<M extends keyof BatchStore> = Awaited<ReturnType<BatchStore[M]>>;
type Asked<M extends keyof BatchStore> = Parameters<BatchStore[M]>[0];

export function addBatch(db: Database): Write<Asked<"addBatch">, Answer<"addBatch">> {
  const orm = drizzle({ client: db });
  return ({ batch }) => {
    const added = orm.insert(batches).values(toRow(batch)).onConflictDoNothing().returning().get();
    const row = added ?? orm.select().from(batches).where(eq(batches.id, batch.id)).get();
    if (!row) throw new Error("a batch is neither new nor there");
    return { batch: toBatch(row), added: Boolean(added) };
  };
}

export function getBatch(db: Database): (params: Asked<"getBatch">) => Answer<"getBatch"> {
  const orm = drizzle({ client: db });
  return ({ id }) => {
    const row = orm.select().from(batches).where(eq(batches.id, id)).get();
    return row ? toBatch(row) : null;
  };
}

export function changeBatch(db: Database): Write<Asked<"changeBatch">, Answer<"changeBatch">> {
  const orm = drizzle({ client: db });
  return ({ id, from, change }) => {
    const row = orm
      .update(batches)
      .set(stateRow(change))
      .where(and(eq(batches.id, id), inArray(batches.phase, [...from])))
      .returning()
      .get();
    return row ? toBatch(row) : null;
  };
}

export function listBatches(db: Database): (params: Asked<"listBatches">) => Answer<"listBatches"> {
  const orm = drizzle({ client: db });
  return ({ watched, limit, after = "" }) => {
    const rows = orm
      .select()
      .from(batches)
      // Written out and not bound, so that the index of the watched can be used.
      .where(and(gt(batches.id, after), watched ? sql`watched = 1` : undefined))
      .orderBy(batches.id)
      // One more than asked for tells whether there is a next page.
      .limit(limit + 1)
      .all();
    const page = rows.slice(0, limit);
    return { batches: page.map(toBatch), next: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
  };
}

export function forgetBatch(db: Database): Write<Asked<"forgetBatch">, void> {
  const orm = drizzle({ client: db });
  return ({ id }) => void orm.delete(batches).where(eq(batches.id, id)).run();
}

/** Jobs counted in one go. */
const SLICE = 2_000;

/** A slice at a time, so that the loop is free in between. */
export function batchCounts(
  db: Database,
  reader: Reader,
): (params: { batchId: string }) => ReturnType<Storage["batchCounts"]> {
  const slice = db.prepare<{ status: JobStatus; n: number; last: number }, [string, number]>(
    `SELECT status, count(*) AS n, max(seq) AS last FROM (
       SELECT status, seq FROM jobs INDEXED BY jobs_batch
       WHERE batch_id = +? AND seq > +? ORDER BY seq LIMIT ${SLICE}
     ) GROUP BY status`,
  );
  return async ({ batchId }) => {
    // Safe: one entry for each status.
    const counts = Object.fromEntries(JOB_STATUSES.map((status) => [status, 0])) as Record<JobStatus, number>;
    let after = 0;
    for (let got = SLICE; got === SLICE; ) {
      if (after > 0) await breathe();
      const rows = await reader.read(() => slice.all(batchId, after));
      for (const { status, n } of rows) counts[status] += n;
      got = rows.reduce((sum, { n }) => sum + n, 0);
      after = Math.max(after, ...rows.map(({ last }) => last));
    }
    return counts;
  };
}

function toRow({ id, phase, reason, stored, watched, ...record }: Batch): BatchRow {
  const state = { phase, reason, stored: Number(stored), watched: Number(watched) };
  return { id, record: JSON.stringify(record), ...state };
}

function toBatch({ id, record, phase, reason, stored, watched }: BatchRow): Batch {
  // Safe: written by `toRow` only.
  const fixed = JSON.parse(record) as Omit<Batch, "id" | keyof BatchState>;
  return { id, ...fixed, phase, reason, stored: stored === 1, watched: watched === 1 };
}

function stateRow({ stored, watched, ...same }: Partial<BatchState>): Partial<BatchRow> {
  return {
    ...same,
    ...(stored !== undefined && { stored: Number(stored) }),
    ...(watched !== undefined && { watched: Number(watched) }),
  };
}
