import type { Database } from "bun:sqlite";
import { eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/bun-sqlite";
import type { Job, JobStatus } from "../../../core/job.ts";
import type { QueueDepth } from "../../storage.ts";
import { breathe, type Patience, patiently } from "../patience.ts";
import { toJob } from "../rows.ts";
import { jobs, levels, totals } from "../schema.ts";

export function get(db: Database): (params: { ids: string[] }) => (Job | null)[] {
  const byId = drizzle({ client: db })
    .select()
    .from(jobs)
    .where(eq(jobs.id, sql.placeholder("id")))
    .prepare();
  return ({ ids }) =>
    ids.map((id) => {
      const row = byId.get({ id });
      return row ? toJob(row) : null;
    });
}

export function counts(db: Database): () => Record<JobStatus, number> {
  const orm = drizzle({ client: db });
  const ended = orm.select().from(totals).prepare();
  const waiting = orm
    .select({ n: sql<number>`ifnull(sum(${levels.depth}), 0)` })
    .from(levels)
    .prepare();
  const started = orm
    .select({ n: sql<number>`count(*)` })
    .from(jobs)
    .where(eq(jobs.status, "started"))
    .prepare();
  return () => {
    const counted = { queued: waiting.get()?.n ?? 0, started: started.get()?.n ?? 0 };
    const final = { finished: 0, failed: 0, cancelled: 0 };
    return { ...counted, ...final, ...Object.fromEntries(ended.all().map(({ status, n }) => [status, n])) };
  };
}

/** Queues looked at in one go: with one for each device there may be many. */
const QUEUES_SLICE = 2_000;

type QueueRow = Omit<QueueDepth, "dueInMs"> & { dueAt: number | null };

export function queues(
  db: Database,
  patience: Patience,
): (params?: { now?: number }) => Promise<QueueDepth[]> {
  const slice = db.prepare<QueueRow, [string]>(
    `SELECT queue, sum(depth) AS depth,
       (SELECT min(enqueued_at) FROM jobs WHERE status = 'queued' AND queue = levels.queue) AS oldestAt,
       (SELECT min(run_at) FROM jobs INDEXED BY jobs_due
         WHERE ready = 0 AND status = 'queued' AND run_at IS NOT NULL AND queue = levels.queue) AS dueAt
     FROM levels WHERE queue > ? GROUP BY queue ORDER BY queue LIMIT ${QUEUES_SLICE}`,
  );
  return async ({ now } = {}) => {
    const found: QueueDepth[] = [];
    for (let got = QUEUES_SLICE; got === QUEUES_SLICE; ) {
      if (found.length > 0) await breathe();
      const rows = await patiently(patience, () => slice.all(found.at(-1)?.queue ?? ""));
      const at = now ?? patience.clock.now();
      for (const { dueAt, ...row } of rows) {
        found.push({ ...row, dueInMs: dueAt === null ? null : Math.max(0, dueAt - at) });
      }
      got = rows.length;
    }
    return found;
  };
}
