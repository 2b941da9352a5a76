import type { Database } from "bun:sqlite";
import { isPinnedQueue, type Job } from "../../../core/job.ts";
import type { EnqueueResult, NewJob, Storage } from "../../storage.ts";
import { type JobRow, toJob } from "../rows.ts";
import enqueueSql from "../sql/enqueue.sql" with { type: "text" };
import { queuedHint } from "../transitions.ts";
import type { Tx, Write } from "../writer.ts";

type Params = Parameters<Storage["enqueue"]>[0];

export function enqueue(db: Database): Write<Params, EnqueueResult> {
  const insert = db.prepare<{ seq: number }, [Record<string, string | number | null>]>(enqueueSql);
  const insertPayload = db.prepare("INSERT INTO payloads (seq, sealed) VALUES (?, ?)");
  const insertKey = db.prepare("INSERT INTO idempotency (scope, key, seq, fingerprint) VALUES (?, ?, ?, ?)");
  const findById = db.prepare<JobRow, [string]>("SELECT * FROM jobs WHERE id = ?");
  const findByKey = db.prepare<JobRow & { fingerprint: string }, [string, string]>(
    "SELECT jobs.*, fingerprint FROM idempotency CROSS JOIN jobs USING (seq) WHERE scope = +? AND key = +? ORDER BY idempotency.seq",
  );

  function store(job: NewJob, tx: Tx): Job {
    const row = toNewRow(job, tx.now);
    const stored = insert.get(row);
    if (!stored) return existing(job.id);
    insertPayload.run(stored.seq, job.sealed);
    const { idempotency: key } = job;
    if (key) insertKey.run(key.scope, key.key, stored.seq, key.fingerprint);
    return toJob({ ...UNTOUCHED, ...row, seq: stored.seq });
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

  return ({ jobs }, tx) => {
    const before = seenBefore(jobs);
    if (before) return before;
    const stored = jobs.map((job) => store(job, tx));
    for (const [queue, startsAt] of firstStarts(jobs)) tx.hint(queuedHint(queue, startsAt - tx.now));
    return { outcome: "stored", jobs: stored };
  };
}

/** Each queue that got jobs, with the moment at which the first of them may start. */
function firstStarts(jobs: NewJob[]): Map<string, number> {
  const starts = new Map<string, number>();
  for (const { queue, runAt } of jobs) {
    starts.set(queue, Math.min(starts.get(queue) ?? Number.POSITIVE_INFINITY, runAt ?? 0));
  }
  return starts;
}

/** What every new row has, beyond what the statement sets. */
const UNTOUCHED = {
  started_at: null,
  ended_at: null,
  keep_until: null,
  attempts: 0,
  run: 0,
  nonce: null,
  renewal: 0,
  abort: 0,
  node: null,
  worker: null,
  result: null,
};

function toNewRow(job: NewJob, now: number) {
  const startsAt = Math.max(now, job.runAt ?? now);
  return {
    id: job.id,
    status: "queued",
    queue: job.queue,
    exclusive: isPinnedQueue(job.queue) ? 1 : 0,
    driver: job.driver,
    host: job.host,
    site: job.site,
    batch_id: job.batchId,
    command: JSON.stringify(job.command),
    retval_shape: job.retvalShape,
    priority: job.priority,
    lane: job.lane,
    ready: startsAt > now ? 0 : 1,
    run_at: startsAt > now ? startsAt : null,
    ttl_ms: job.ttlMs,
    expires_at: job.ttlMs === null ? null : startsAt + job.ttlMs,
    result_ttl_ms: job.resultTtlMs,
    execution_timeout_ms: job.executionTimeoutMs,
    retries: job.retries,
    created_at: job.createdAt,
    enqueued_at: now,
  } as const;
}
