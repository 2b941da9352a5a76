import type { Database } from "bun:sqlite";
import { isPinnedQueue, type Job } from "../../../core/job.ts";
import type { EnqueueResult, NewJob, Storage } from "../../storage.ts";
import { LISTED_COLUMNS, type ListedRow, toJob } from "../rows.ts";
import { queuedHint } from "../transitions.ts";
import type { Tx } from "../writer.ts";
import { type NewRow, prepareInserter } from "./insert-jobs.ts";

type Params = Parameters<Storage["enqueue"]>[0];

/** Calls without an idempotency key that arrive together are stored as if they were one. */
export function enqueue(db: Database): (calls: Params[], tx: Tx) => EnqueueResult[] {
  const inserter = prepareInserter(db);
  const insertKey = db.prepare("INSERT INTO idempotency (scope, key, seq, fingerprint) VALUES (?, ?, ?, ?)");
  const insertWebhook = db.prepare(
    "INSERT INTO deliveries (seq, job_id, target, timeout_ms, sealed) VALUES (?, ?, ?, ?, ?)",
  );
  const findById = db.prepare<ListedRow, [string]>(`SELECT ${LISTED_COLUMNS} FROM jobs WHERE id = ?`);
  const findByKey = db.prepare<ListedRow & { fingerprint: string }, [string, string]>(
    "SELECT jobs.*, fingerprint FROM idempotency CROSS JOIN jobs USING (seq) WHERE scope = +? AND key = +? ORDER BY idempotency.seq",
  );

  function store(jobs: NewJob[], tx: Tx): Job[] {
    const rows = jobs.map((job) => toNewRow(job, tx.now));
    const stored = inserter.insert(rows).map((seq, n) => {
      const row = rows[n] as NewRow;
      if (seq === null) return existing(row.job.id);
      const { job } = row;
      tx.tally.stored(
        { seq, queue: job.queue, priority: job.priority, lane: job.lane, ready: row.ready },
        job.createdAt,
      );
      if (job.idempotency) {
        const { scope, key, fingerprint } = job.idempotency;
        insertKey.run(scope, key, seq, fingerprint);
      }
      if (job.webhook) {
        const { target, timeoutMs, sealed } = job.webhook;
        insertWebhook.run(seq, job.id, target, timeoutMs, sealed);
      }
      return toStoredJob(row, seq);
    });
    for (const [queue, startsAt] of firstStarts(jobs)) tx.hint(queuedHint(queue, startsAt - tx.now));
    return stored;
  }

  function existing(id: string): Job {
    const row = findById.get(id);
    if (!row) throw new Error(`job ${id} is neither new nor there`);
    return toJob(row);
  }

  /** What an earlier call stored under one of these keys; null when this call is the first, or its own repeat. */
  function seenBefore(jobs: NewJob[]): EnqueueResult | null {
    const ids = new Set(jobs.map((job) => job.id));
    for (const { idempotency: key } of jobs) {
      const rows = key ? findByKey.all(key.scope, key.key) : [];
      if (!key || rows.length === 0 || rows.some((row) => ids.has(row.id))) continue;
      if (rows[0]?.fingerprint !== key.fingerprint) return { outcome: "mismatch" };
      return { outcome: "duplicate", jobs: rows.map(toJob) };
    }
    return null;
  }

  function storeTogether(calls: Params[], tx: Tx): EnqueueResult[] {
    const stored = store(
      calls.flatMap(({ jobs }) => jobs),
      tx,
    );
    let at = 0;
    return calls.map(({ jobs }) => {
      const own = stored.slice(at, at + jobs.length);
      at += jobs.length;
      return { outcome: "stored", jobs: own };
    });
  }

  return (calls, tx) =>
    runsOf(calls, hasKey).flatMap((run) => {
      if (!run.some(hasKey)) return storeTogether(run, tx);
      return run.map(({ jobs }) => seenBefore(jobs) ?? { outcome: "stored", jobs: store(jobs, tx) });
    });
}

function hasKey({ jobs }: Params): boolean {
  return jobs.some(({ idempotency }) => idempotency !== null);
}

/** Neighbours of one kind together, in the order in which they came. */
function runsOf<T>(items: T[], kind: (item: T) => boolean): T[][] {
  const runs: T[][] = [];
  for (const item of items) {
    const last = runs.at(-1);
    if (last?.[0] !== undefined && kind(last[0]) === kind(item)) last.push(item);
    else runs.push([item]);
  }
  return runs;
}

/** Each queue that got jobs, with the moment at which the first of them may start. */
function firstStarts(jobs: NewJob[]): Map<string, number> {
  const starts = new Map<string, number>();
  for (const { queue, runAt } of jobs) {
    starts.set(queue, Math.min(starts.get(queue) ?? Number.POSITIVE_INFINITY, runAt ?? 0));
  }
  return starts;
}

function toNewRow(job: NewJob, now: number): NewRow {
  const startsAt = Math.max(now, job.runAt ?? now);
  return {
    job,
    exclusive: isPinnedQueue(job.queue) ? 1 : 0,
    ready: startsAt > now ? 0 : 1,
    runAt: startsAt > now ? startsAt : null,
    expiresAt: job.ttlMs === null ? null : startsAt + job.ttlMs,
    enqueuedAt: now,
  };
}

function toStoredJob({ job, expiresAt, enqueuedAt }: NewRow, seq: number): Job {
  return {
    id: job.id,
    seq,
    status: "queued",
    queue: job.queue,
    driver: job.driver,
    host: job.host,
    site: job.site,
    node: null,
    worker: null,
    batchId: job.batchId,
    command: [...job.command],
    retvalShape: job.retvalShape,
    priority: job.priority,
    attempts: 0,
    createdAt: job.createdAt,
    enqueuedAt,
    startedAt: null,
    endedAt: null,
    expiresAt,
    result: null,
  };
}
