import type { Database, Statement } from "bun:sqlite";
import type { FinalStatus } from "../../core/job.ts";

/** What a queued job counts towards: its queue at its priority, and, when it is ready, its lane there. */
export interface Place {
  seq: number;
  queue: string;
  priority: number;
  lane: string;
  ready: number;
}

interface LevelChange {
  queue: string;
  priority: number;
  depth: number;
  lanes: Map<string, LaneChange>;
}

interface LaneChange {
  ready: number;
  /** The first job that came: a lane that is new takes its place by it. */
  first: number;
}

interface Ended {
  seq: number;
  status: FinalStatus;
  now: number;
}

interface Span {
  min: number;
  max: number;
}

/** Jobs in one row of `spans`. */
export const SPAN_JOBS = 1_024;

/**
 * Keeps `levels`, `lanes`, `totals` and `spans` true, `payloads` without those of ended jobs, and `deliveries` pending for them. They follow from the
 * jobs, and every transition but a claim says here what it changes in them; a transaction's changes are added up and written once, for a thousand jobs
 * that arrive together mostly change the same row. A claim needs the rows themselves and writes them (see `turns.ts`).
 */
export class Tally {
  readonly #db: Database;
  readonly #levels = new Map<string, LevelChange>();
  readonly #totals = new Map<FinalStatus, number>();
  readonly #ended: Ended[] = [];
  #owed = 0;
  readonly #spans = new Map<number, Span>();
  #last: LevelChange | null = null;
  #statements: Statements | null = null;

  constructor(db: Database) {
    this.#db = db;
  }

  /** A job is new. */
  stored(job: Place, createdAt: number): void {
    this.requeued(job);
    const block = Math.floor(job.seq / SPAN_JOBS);
    const span = this.#spans.get(block);
    if (span) {
      span.min = Math.min(span.min, createdAt);
      span.max = Math.max(span.max, createdAt);
    } else this.#spans.set(block, { min: createdAt, max: createdAt });
  }

  /** Released, retried or reaped back into the queue. */
  requeued(job: Place): void {
    this.#level(job).depth += 1;
    if (job.ready === 1) this.becameReady(job);
  }

  /** Cancelled or expired: it leaves the queue without having been served. `ready` as it was. */
  dropped(job: Place): void {
    this.#level(job).depth -= 1;
    if (job.ready === 1) this.becameStale(job);
  }

  /** A delayed job is due. */
  becameReady({ queue, priority, lane, seq }: Omit<Place, "ready">): void {
    const { lanes } = this.#level({ queue, priority });
    const change = lanes.get(lane);
    if (change) change.ready += 1;
    else lanes.set(lane, { ready: 1, first: seq });
  }

  /** Seen to have outlived its TTL: put aside for the expirer. */
  becameStale({ queue, priority, lane, seq }: Omit<Place, "ready">): void {
    const { lanes } = this.#level({ queue, priority });
    const change = lanes.get(lane);
    if (change) change.ready -= 1;
    else lanes.set(lane, { ready: -1, first: seq });
  }

  /** The job will not run again: its sealed operation is erased, and who wanted to know is told. */
  ended(seq: number, status: FinalStatus, now: number): void {
    this.#totals.set(status, (this.#totals.get(status) ?? 0) + 1);
    this.#ended.push({ seq, status, now });
  }

  /** How many deliveries of webhooks have become due in the transaction. */
  get owed(): number {
    return this.#owed;
  }

  /** Writes what has been added up. Before COMMIT, and before anything in the transaction reads these tables. */
  write(): void {
    if (this.#levels.size + this.#totals.size + this.#spans.size === 0) return;
    this.#statements ??= prepare(this.#db);
    const { addToTotal, erase, owe, widenSpan } = this.#statements;
    for (const level of this.#levels.values()) writeLevel(this.#statements, level);
    for (const [status, n] of this.#totals) addToTotal.run(n, status);
    for (const { seq, status, now } of this.#ended) {
      erase.run(seq);
      this.#owed += owe.run(seq, status, now).changes;
    }
    for (const [block, { min, max }] of this.#spans) widenSpan.run(block, min, max);
    this.#forget();
  }

  /** The transaction is over. */
  clear(): void {
    this.#owed = 0;
    this.#forget();
  }

  #forget(): void {
    this.#levels.clear();
    this.#totals.clear();
    this.#ended.length = 0;
    this.#spans.clear();
    this.#last = null;
  }

  /** Neighbours mostly go to the same queue, so the last one is at hand. */
  #level({ queue, priority }: Pick<Place, "queue" | "priority">): LevelChange {
    if (this.#last?.queue === queue && this.#last.priority === priority) return this.#last;
    const key = `${priority} ${queue}`;
    let level = this.#levels.get(key);
    if (!level) {
      level = { queue, priority, depth: 0, lanes: new Map() };
      this.#levels.set(key, level);
    }
    this.#last = level;
    return level;
  }
}

/** New lanes take their place by their level's tick, so it comes first, and goes last. */
function writeLevel(statements: Statements, { queue, priority, depth, lanes }: LevelChange): void {
  const { deepen, endLevel, shallow, fill, endLane, drain } = statements;
  if (depth > 0) deepen.run(queue, priority, depth);
  for (const [lane, { ready, first }] of lanes) {
    if (ready > 0) fill.run(queue, priority, lane, ready, first);
    else if (ready < 0 && endLane.run(queue, priority, lane, -ready).changes === 0) {
      drain.run(queue, priority, lane, -ready);
    }
  }
  if (depth < 0 && endLevel.run(queue, priority, -depth).changes === 0) shallow.run(queue, priority, -depth);
}

type Key = string | number;

interface Statements {
  deepen: Statement<unknown, Key[]>;
  endLevel: Statement<unknown, Key[]>;
  shallow: Statement<unknown, Key[]>;
  fill: Statement<unknown, Key[]>;
  endLane: Statement<unknown, Key[]>;
  drain: Statement<unknown, Key[]>;
  addToTotal: Statement<unknown, Key[]>;
  erase: Statement<unknown, Key[]>;
  owe: Statement<unknown, Key[]>;
  widenSpan: Statement<unknown, Key[]>;
}

function prepare(db: Database): Statements {
  const LEVEL = "queue = ?1 AND priority = ?2";
  return {
    deepen: db.prepare(
      `INSERT INTO levels (queue, priority, depth, tick) VALUES (?1, ?2, ?3, 0)
       ON CONFLICT (queue, priority) DO UPDATE SET depth = depth + excluded.depth`,
    ),
    endLevel: db.prepare(`DELETE FROM levels WHERE ${LEVEL} AND depth = ?3`),
    shallow: db.prepare(`UPDATE levels SET depth = depth - ?3 WHERE ${LEVEL}`),
    fill: db.prepare(
      `INSERT INTO lanes (queue, priority, lane, ready, served, first_seq)
       SELECT queue, priority, ?3, ?4, 2 * tick - 1, ?5 FROM levels WHERE ${LEVEL}
       ON CONFLICT (queue, priority, lane) DO UPDATE SET ready = ready + excluded.ready`,
    ),
    endLane: db.prepare(`DELETE FROM lanes WHERE ${LEVEL} AND lane = ?3 AND ready = ?4`),
    drain: db.prepare(`UPDATE lanes SET ready = ready - ?4 WHERE ${LEVEL} AND lane = ?3`),
    addToTotal: db.prepare("UPDATE totals SET n = n + ? WHERE status = ?"),
    erase: db.prepare("DELETE FROM payloads WHERE seq = ?"),
    owe: db.prepare(
      `UPDATE deliveries SET status = ?2, state = 'pending', created_at = ?3, due_at = ?3
       WHERE seq = ?1 AND state IS NULL`,
    ),
    // Rounded outwards, so that it is seldom written.
    widenSpan: db.prepare(
      `INSERT INTO spans (block, min_at, max_at) VALUES (?1, ?2 & ~1023, ?3 | 1023)
       ON CONFLICT (block) DO UPDATE
         SET min_at = min(min_at, excluded.min_at), max_at = max(max_at, excluded.max_at)
         WHERE excluded.min_at < min_at OR excluded.max_at > max_at`,
    ),
  };
}
