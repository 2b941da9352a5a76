import type { Database } from "bun:sqlite";
import type { Job, JobStatus } from "../../../core/job.ts";
import type { QueueDepth } from "../../storage.ts";
import { breathe } from "../patience.ts";
import type { Reader } from "../reader.ts";
import { LISTED_COLUMNS, type ListedRow, toJob } from "../rows.ts";

export function get(db: Database): (params: { ids: string[] }) => (Job | null)[] {
  const byId = db.prepare<ListedRow, [string]>(`SELECT ${LISTED_COLUMNS} FROM jobs WHERE id = ?`);
  return ({ ids }) =>
    ids.map((id) => {
      const row = byId.get(id);
      return row ? toJob(row) : null;
    });
}

export function counts(db: Database): () => Record<JobStatus, number> {
  const ended = db.prepare<{ status: JobStatus; n: number }, []>("SELECT status, n FROM totals");
  const waiting = db.prepare<{ n: number }, []>("SELECT ifnull(sum(depth), 0) AS n FROM levels");
  const started = db.prepare<{ n: number }, []>("SELECT count(*) AS n FROM jobs WHERE status = 'started'");
  return () => {
    const counted = { queued: waiting.get()?.n ?? 0, started: started.get()?.n ?? 0 };
    const final = { finished: 0, failed: 0, cancelled: 0 };
    return { ...counted, ...final, ...Object.fromEntries(ended.all().map(({ status, n }) => [status, n])) };
  };
}

/** Queues, or lanes, looked at in one go: with one for each device there may be many. */
const SLICE = 2_000;
/** Jobs looked at in a lane whose first has gone back to its old place. */
const HEAD_JOBS = 100;

type LevelsRow = Pick<QueueDepth, "queue" | "depth"> & { waitsSince: number | null; dueAt: number | null };
type LaneRow = { queue: string; priority: number; lane: string; oldestAt: number | null };

/**
 * Two walks: over `levels` for how many there are and what is not ready, over `lanes` for the age of what is. Jobs
 * of a lane come in the order in which they were enqueued, but for those that went back to their old place: where
 * one is first, some more are looked at.
 */
export function queues(db: Database, reader: Reader): (params?: { now?: number }) => Promise<QueueDepth[]> {
  const levels = db.prepare<LevelsRow, [string]>(
    `SELECT queue, sum(depth) AS depth,
       (SELECT min(enqueued_at) FROM jobs INDEXED BY jobs_waiting
         WHERE ready = 0 AND status = 'queued' AND queue = levels.queue) AS waitsSince,
       (SELECT min(run_at) FROM jobs INDEXED BY jobs_due
         WHERE ready = 0 AND status = 'queued' AND run_at IS NOT NULL AND queue = levels.queue) AS dueAt
     FROM levels WHERE queue > ? GROUP BY queue ORDER BY queue LIMIT ${SLICE}`,
  );
  const head = (columns: string, count: number) =>
    `SELECT ${columns} FROM jobs INDEXED BY jobs_ready
     WHERE ready = 1 AND queue = lanes.queue AND priority = lanes.priority AND lane = lanes.lane
     ORDER BY seq LIMIT ${count}`;
  const oldestOfHead = `SELECT min(enqueued_at) FROM (${head("enqueued_at", HEAD_JOBS)})`;
  const lanes = db.prepare<LaneRow, [string, number, string]>(
    `SELECT queue, priority, lane, (${head(`iif(attempts = 0, enqueued_at, (${oldestOfHead}))`, 1)}) AS oldestAt
     FROM lanes WHERE (queue, priority, lane) > (?, ?, ?) ORDER BY queue, priority, lane LIMIT ${SLICE}`,
  );

  async function walk<Row>(next: (last: Row | undefined) => Row[]): Promise<Row[]> {
    const found: Row[] = [];
    for (let got = SLICE; got === SLICE; ) {
      if (found.length > 0) await breathe();
      const rows = await reader.read(() => next(found.at(-1)));
      for (const row of rows) found.push(row);
      got = rows.length;
    }
    return found;
  }

  return async ({ now } = {}) => {
    const found = await walk<LevelsRow>((last) => levels.all(last?.queue ?? ""));
    const ready = await walk<LaneRow>((last) =>
      lanes.all(last?.queue ?? "", last?.priority ?? 0, last?.lane ?? ""),
    );
    const oldest = oldestOf(ready);
    const at = now ?? reader.clock.now();
    return found.map(({ queue, depth, waitsSince, dueAt }) => ({
      queue,
      depth,
      // Neither: its last ready job went between the two walks.
      oldestAt: Math.min(oldest.get(queue) ?? at, waitsSince ?? at),
      dueInMs: dueAt === null ? null : Math.max(0, dueAt - at),
    }));
  };
}

function oldestOf(lanes: LaneRow[]): Map<string, number> {
  const oldest = new Map<string, number>();
  for (const { queue, oldestAt } of lanes) {
    if (oldestAt !== null) oldest.set(queue, Math.min(oldestAt, oldest.get(queue) ?? oldestAt));
  }
  return oldest;
}
