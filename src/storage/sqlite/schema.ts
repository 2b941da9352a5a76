import { sql } from "drizzle-orm";
import {
  blob,
  check,
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";
import { TASK_STATES } from "../../core/detached-task.ts";
import { FINAL_STATUSES, JOB_STATUSES } from "../../core/job.ts";
import { DELIVERY_STATES } from "../../core/webhook.ts";
import { BATCH_PHASES } from "../batches.ts";

/**
 * The tables. Keys are named as the columns are, so that a row typed here is also what a `.sql` file returns.
 * `tally.ts` and `turns.ts` keep `levels`, `lanes`, `totals` and `spans` true and erase the sealed operations of ended
 * jobs; a trigger erases what is left of a forgotten one. Times are wall-clock milliseconds, flags 0 or 1.
 */
const FAILING = sql`status IN ('failed', 'cancelled')`;

export const jobs = sqliteTable(
  "jobs",
  {
    // AUTOINCREMENT: a number is never given twice, also after the newest job was pruned.
    seq: integer().primaryKey({ autoIncrement: true }),
    id: text().notNull(),
    status: text({ enum: JOB_STATUSES }).notNull(),
    queue: text().notNull(),
    /** At most one of the queue's jobs is started (a pinned queue). */
    exclusive: integer().notNull(),
    driver: text().notNull(),
    host: text().notNull(),
    site: text(),
    batch_id: text(),
    /** JSON list. */
    command: text().notNull(),
    retval_shape: text({ enum: ["text", "map"] }).notNull(),
    priority: integer().notNull(),
    lane: text().notNull(),
    /** Queued and claimable, as far as is known: not one that waits for `run_at` or was seen to be expired. */
    ready: integer().notNull(),
    run_at: integer(),
    ttl_ms: integer(),
    expires_at: integer(),
    result_ttl_ms: integer().notNull(),
    execution_timeout_ms: integer().notNull(),
    retries: integer().notNull(),
    created_at: integer().notNull(),
    enqueued_at: integer().notNull(),
    started_at: integer(),
    ended_at: integer(),
    /** When the ended job may be forgotten. */
    keep_until: integer(),
    attempts: integer().notNull().default(0),
    /** The fencing token of the last claim. A reaped run's nonce is erased: its token opens nothing any more. */
    run: integer().notNull().default(0),
    nonce: text(),
    renewal: integer().notNull().default(0),
    abort: integer().notNull().default(0),
    /** Of the last run. */
    node: text(),
    worker: text(),
    /** JSON of JobResult. */
    result: text(),
  },
  (t) => [
    uniqueIndex("jobs_id").on(t.id),
    // Lists and filters: each of these ends in the rowid, which is `seq`, the order of every list.
    // Started jobs are found by jobs_running: they are few, and two index writes a run are spared.
    index("jobs_status").on(t.status).where(sql`status <> 'started'`),
    index("jobs_queue").on(t.queue),
    index("jobs_host").on(t.host),
    index("jobs_driver").on(t.driver),
    index("jobs_node").on(t.node).where(sql`node IS NOT NULL`),
    index("jobs_worker").on(t.worker).where(sql`worker IS NOT NULL`),
    index("jobs_batch").on(t.batch_id).where(sql`batch_id IS NOT NULL`),
    // What did not succeed, by each wide condition: asked for most, and often few among very many. A job that
    // succeeds is never in these.
    index("jobs_queue_failing").on(t.queue, t.status).where(FAILING),
    index("jobs_host_failing").on(t.host, t.status).where(FAILING),
    index("jobs_driver_failing").on(t.driver, t.status).where(FAILING),
    index("jobs_node_failing").on(t.node, t.status).where(sql`node IS NOT NULL AND ${FAILING}`),
    index("jobs_worker_failing").on(t.worker, t.status).where(sql`worker IS NOT NULL AND ${FAILING}`),
    index("jobs_batch_failing").on(t.batch_id, t.status).where(sql`batch_id IS NOT NULL AND ${FAILING}`),
    // The queue itself.
    index("jobs_ready").on(t.queue, t.priority, t.lane).where(sql`ready = 1`),
    index("jobs_due")
      .on(t.queue, t.run_at)
      .where(sql`ready = 0 AND status = 'queued' AND run_at IS NOT NULL`),
    // The oldest of those that are not ready; of the ready, lanes tell it.
    index("jobs_waiting").on(t.queue, t.enqueued_at).where(sql`ready = 0 AND status = 'queued'`),
    index("jobs_expires").on(t.ready, t.expires_at).where(sql`status = 'queued' AND expires_at IS NOT NULL`),
    index("jobs_keep").on(t.keep_until).where(sql`keep_until IS NOT NULL`),
    // The invariants: one started job for each pinned queue and for each worker.
    uniqueIndex("jobs_exclusive").on(t.queue).where(sql`status = 'started' AND exclusive = 1`),
    uniqueIndex("jobs_running").on(t.worker).where(sql`status = 'started'`),
    check("jobs_ready_is_queued", sql`ready = 0 OR status = 'queued'`),
    check("jobs_ended_is_kept", sql`(ended_at IS NULL) = (keep_until IS NULL)`),
  ],
);

/** Written out and not bound, so that the indexes of started jobs can be used. */
export const STARTED = sql`${jobs.status} = 'started'`;

/** Sealed operations of jobs that have not ended. */
export const payloads = sqliteTable("payloads", {
  seq: integer().primaryKey(),
  sealed: blob({ mode: "buffer" }).notNull(),
});

/** The output log in the pieces it was appended in. */
export const logs = sqliteTable(
  "logs",
  {
    seq: integer().notNull(),
    offset: integer().notNull(),
    bytes: blob({ mode: "buffer" }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.seq, t.offset] })],
);

/** One row for each queue and priority that has queued jobs. `tick` counts the claims since it has. */
export const levels = sqliteTable(
  "levels",
  {
    queue: text().notNull(),
    priority: integer().notNull(),
    depth: integer().notNull(),
    tick: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.queue, t.priority] })],
);

/**
 * One row for each lane that has ready jobs. `served` orders lanes: twice the tick of the lane's last claim, or one
 * less than that of the newest claim for a lane that has just got work, so that it comes before the lane served
 * last and after all that have waited. Lanes that came at the same time go by their first job.
 */
export const lanes = sqliteTable(
  "lanes",
  {
    queue: text().notNull(),
    priority: integer().notNull(),
    lane: text().notNull(),
    ready: integer().notNull(),
    served: integer().notNull(),
    first_seq: integer().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.queue, t.priority, t.lane] }),
    index("lanes_next").on(t.queue, sql`priority DESC`, t.served, t.first_seq),
  ],
);

/** How many jobs there are in each final status; the others are counted from `levels` and `jobs_running`. */
export const totals = sqliteTable("totals", {
  status: text({ enum: JOB_STATUSES }).primaryKey(),
  n: integer().notNull(),
});

/**
 * The range of `created_at` in each block of 1,024 jobs, rounded outwards to about a second: turns `since` and
 * `until` into a range of `seq`, which clocks that disagree would not let us assume.
 */
export const spans = sqliteTable("spans", {
  block: integer().primaryKey(),
  min_at: integer().notNull(),
  max_at: integer().notNull(),
});

/** Blocks of 4,096 jobs that have come to rest (see `marks.ts`). */
export const marked = sqliteTable("marked", {
  block: integer().primaryKey(),
  /** JSON list: the jobs that had not ended, of which only what never changes is marked. */
  active: text().notNull(),
});

/** For a value that many jobs of a block have, a bit for each of its jobs, the lowest `seq` in the lowest bit. */
export const marks = sqliteTable(
  "marks",
  {
    block: integer().notNull(),
    field: integer().notNull(),
    value: text().notNull(),
    bits: blob({ mode: "buffer" }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.block, t.field, t.value] })],
);

export const idempotency = sqliteTable(
  "idempotency",
  {
    scope: text().notNull(),
    key: text().notNull(),
    seq: integer().notNull(),
    fingerprint: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.scope, t.key, t.seq] }), index("idempotency_seq").on(t.seq)],
);

/** Answers already given, by operation id; a long answer is in several parts. Never holds anything secret. */
export const operations = sqliteTable(
  "operations",
  {
    n: integer().primaryKey(),
    op: text().notNull(),
    part: integer().notNull(),
    at: integer().notNull(),
    /** JSON. */
    answer: text().notNull(),
  },
  (t) => [uniqueIndex("operations_op").on(t.op, t.part)],
);

export const nodes = sqliteTable("nodes", {
  name: text().primaryKey(),
  incarnation: text().notNull(),
  hostname: text().notNull(),
  pid: integer().notNull(),
  capacity: integer().notNull(),
  beat: integer().notNull(),
  last_heartbeat: integer().notNull(),
  lost: integer().notNull(),
  /** JSON: MiB by pid, and beside them `report` (see `node-words.ts`). */
  host_memory: text().notNull(),
  /** JSON list; null where it has not told them. */
  sites: text(),
});

export const workers = sqliteTable(
  "workers",
  {
    name: text().primaryKey(),
    node: text().notNull(),
    incarnation: text().notNull(),
    kind: text({ enum: ["fifo", "pinned"] }).notNull(),
    queue: text().notNull(),
    hostname: text().notNull(),
    pid: integer().notNull(),
    host: text(),
    site: text(),
    session: text({ enum: ["connected", "connecting", "none"] }).notNull(),
    sessions_opened: integer().notNull(),
    birth_at: integer().notNull(),
    died_at: integer(),
    /** The node's, as it was when the worker died; a living worker has its node's. */
    last_heartbeat: integer(),
    suspended: integer().notNull(),
    stop: integer().notNull(),
    succeeded: integer().notNull(),
    failed: integer().notNull(),
    busy_ms: integer().notNull(),
  },
  (t) => [
    index("workers_node").on(t.node),
    index("workers_queue").on(t.queue),
    index("workers_host").on(t.host).where(sql`host IS NOT NULL`),
    index("workers_stop").on(t.node).where(sql`stop = 1`),
    index("workers_died").on(t.died_at).where(sql`died_at IS NOT NULL`),
    // A pin: one living worker for each pinned queue.
    uniqueIndex("workers_pin").on(t.queue).where(sql`kind = 'pinned' AND died_at IS NULL`),
  ],
);

export const hostKeys = sqliteTable(
  "host_keys",
  {
    /** Empty for none: a key must not be null. */
    site: text().notNull(),
    host: text().notNull(),
    port: integer().notNull(),
    algorithm: text().notNull(),
    fingerprint: text().notNull(),
    first_seen: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.site, t.host, t.port] })],
);

/** Jobs that were submitted together. */
export const batches = sqliteTable(
  "batches",
  {
    id: text().primaryKey(),
    /** JSON: what of it never changes. */
    record: text().notNull(),
    phase: text({ enum: BATCH_PHASES }).notNull(),
    reason: text(),
    stored: integer().notNull(),
    watched: integer().notNull(),
  },
  (t) => [index("batches_watched").on(t.id).where(sql`watched = 1`)],
);

/** Commands that outlive their jobs, and how to reach them. */
export const tasks = sqliteTable(
  "tasks",
  {
    id: text().primaryKey(),
    site: text(),
    host: text().notNull(),
    driver: text().notNull(),
    command: text().notNull(),
    state: text({ enum: TASK_STATES }).notNull(),
    created_at: integer().notNull(),
    expires_at: integer().notNull(),
    sealed: blob({ mode: "buffer" }).notNull(),
  },
  (t) => [index("tasks_due").on(t.expires_at)],
);

/** Keys of the API. */
export const apiKeys = sqliteTable(
  "api_keys",
  {
    name: text().primaryKey(),
    /** The part of the key that it is looked up by. */
    id: text().notNull(),
    /** JSON: the rest, the key's hash among it. */
    record: text().notNull(),
  },
  (t) => [uniqueIndex("api_keys_id").on(t.id)],
);

/** Who did what. A trigger refuses changes. */
export const audit = sqliteTable(
  "audit",
  {
    // AUTOINCREMENT: pages go by it, also when the newest entries were forgotten.
    seq: integer().primaryKey({ autoIncrement: true }),
    at: integer().notNull(),
    actor: text().notNull(),
    action: text().notNull(),
    outcome: text({ enum: ["done", "refused"] }).notNull(),
    host: text(),
    site: text(),
    job: text(),
    batch: text(),
    detail: text(),
  },
  // What happened to a device is asked most. Other questions walk: each further index would cost every job a write.
  (t) => [index("audit_host").on(t.host).where(sql`host IS NOT NULL`)],
);

/**
 * Who is told of a job's end, one row for a job that was submitted with a webhook. `state` is null until the job ends; one
 * that is being sent is `leased`, and `due_at` is when its lease is over.
 */
export const deliveries = sqliteTable(
  "deliveries",
  {
    seq: integer().primaryKey(),
    job_id: text().notNull(),
    target: text().notNull(),
    timeout_ms: integer().notNull(),
    sealed: blob({ mode: "buffer" }),
    status: text({ enum: FINAL_STATUSES }),
    state: text({ enum: DELIVERY_STATES }),
    claim: integer().notNull().default(0),
    leased: integer().notNull().default(0),
    tries: integer().notNull().default(0),
    created_at: integer(),
    due_at: integer(),
    settled_at: integer(),
    /** JSON list of the last attempts. */
    attempts: text().notNull().default("[]"),
  },
  (t) => [
    uniqueIndex("deliveries_job").on(t.job_id),
    index("deliveries_due").on(t.target, t.due_at).where(sql`due_at IS NOT NULL`),
    index("deliveries_state").on(t.state, t.job_id).where(sql`state IS NOT NULL`),
    check("deliveries_due_is_pending", sql`(due_at IS NOT NULL) = (state IS NOT NULL AND state = 'pending')`),
  ],
);

/** What there is one of in a store: `sealing_key`, the id of the key that its operations are sealed with. */
/** Named credentials. */
export const secrets = sqliteTable("secrets", {
  name: text().primaryKey(),
  sealed: blob({ mode: "buffer" }).notNull(),
  /** JSON: the names of its fields. */
  fields: text().notNull(),
  /** JSON: patterns of the devices that it is for; null: any. */
  devices: text(),
  changed_at: integer().notNull(),
});

/**
 * What there is one of in a store: `sealing_key`, the id of the key that its operations are sealed with, and
 * `sealing_key_before` while that is being changed.
 */
export const meta = sqliteTable("meta", {
  name: text().primaryKey(),
  value: text().notNull(),
});
