import type { Database } from "bun:sqlite";
import { eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/bun-sqlite";
import type { Job, JobStatus } from "../../../core/job.ts";
import type { QueueDepth } from "../../storage.ts";
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

export function queues(db: Database): () => QueueDepth[] {
  const oldest = sql<number>`(SELECT min(enqueued_at) FROM jobs WHERE status = 'queued' AND queue = levels.queue)`;
  const depths = drizzle({ client: db })
    .select({ queue: levels.queue, depth: sql<number>`sum(${levels.depth})`, oldestAt: oldest })
    .from(levels)
    .groupBy(levels.queue)
    .prepare();
  return () => depths.all();
}
