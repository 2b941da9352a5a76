import type { Database } from "bun:sqlite";
import { nonce, type RandomBytes } from "../../../core/ids.ts";
import type { JobError } from "../../../core/job.ts";
import { readyAt } from "../../ready.ts";
import { type Claim, type ClaimParams, resultTypeOf } from "../../storage.ts";
import { prepareLogWriter } from "../log.ts";
import { prepareOperations } from "../operations.ts";
import { type JobRow, type ListedRow, toJob, toToken } from "../rows.ts";
import claimSql from "../sql/claim.sql" with { type: "text" };
import dueSql from "../sql/claim-due.sql" with { type: "text" };
import jobSql from "../sql/claim-job.sql" with { type: "text" };
import staleSql from "../sql/claim-stale.sql" with { type: "text" };
import workerSql from "../sql/claim-worker.sql" with { type: "text" };
import type { Place } from "../tally.ts";
import { prepareTransitions } from "../transitions.ts";
import { prepareTurns, type Turns } from "../turns.ts";
import type { Tx, Write, Writer } from "../writer.ts";

/** Expired jobs put aside in one transaction. */
const STALE_SLICE = 500;
/** Delayed jobs made ready at once, at least. */
const DUE_SLICE = 100;
/** Each round puts aside all that has expired, so a second one is for those that expired meanwhile. */
const ROUNDS = 3;
/** Jobs that cannot run, ended for one request in one transaction. */
const LOST_SLICE = 100;

const OPERATION_LOST: JobError = {
  type: "InternalError",
  message: "the store has lost what the job was to run; submit it again",
  retryable: false,
};

type Request = ClaimParams["requests"][number];
type Params = Omit<ClaimParams, "now">;

interface Attempt {
  claims: Claim[];
  /** Requests that met an expired job, or very many that cannot run, where the next one should be. */
  blocked: Request[];
}

/** Claims; where expired jobs are in the way, puts them aside in small transactions and asks again. */
export function claim(
  db: Database,
  writer: Writer,
  random?: RandomBytes,
): (params: ClaimParams) => Promise<Claim[]> {
  const attempt = claimOnce(db, random);
  const stale = db.prepare<Place, [Record<string, number>]>(staleSql);

  function putAside(tx: Tx): number {
    const rows = stale.all({ now: tx.now, max: STALE_SLICE });
    for (const row of rows) tx.tally.becameStale(row);
    return rows.length;
  }

  async function putStaleAside(now?: number): Promise<void> {
    for (let got = STALE_SLICE; got === STALE_SLICE; ) got = await writer.write(putAside, now);
  }

  return async (params) => {
    const claims: Claim[] = [];
    let { requests } = params;
    for (let round = 0; round < ROUNDS && requests.length > 0; round++) {
      const op = `${params.op}#${round}`;
      const got = await writer.write((tx) => attempt({ ...params, op, requests }, tx), params.now);
      claims.push(...got.claims);
      requests = got.blocked;
      if (requests.length > 0) await putStaleAside(params.now);
    }
    const place = ({ worker, job }: Claim) =>
      params.requests.findIndex((request) => request.worker === worker && request.queue === job.queue);
    return claims.toSorted((a, b) => place(a) - place(b));
  };
}

interface Remembered {
  /** The runs that were started; by them their rows are found again. */
  runs: { seq: number; run: number }[];
  blocked: Request[];
}

/** A ready job as it waits, with what it would run; null when the store has lost that. */
type ReadyRow = ListedRow &
  Pick<JobRow, "exclusive" | "run" | "nonce" | "retries" | "execution_timeout_ms" | "ttl_ms"> & {
    sealed: Uint8Array | null;
  };

/** Everybody's turn in the queues of one call. */
interface AllTurns {
  of(queue: string): Turns;
  write(): void;
}

function claimOnce(db: Database, random?: RandomBytes): Write<Params, Attempt> {
  const operations = prepareOperations(db);
  const log = prepareLogWriter(db);
  const transitions = prepareTransitions(db);
  const turnsOf = prepareTurns(db);
  const free = db.prepare<{ free: 1 }, [Record<string, string>]>(workerSql);
  const anyDue = db.prepare<{ seq: number }, [string, number]>(
    "SELECT seq FROM jobs INDEXED BY jobs_due WHERE queue = +? AND ready = 0 AND status = 'queued' AND run_at <= ? LIMIT 1",
  );
  const due = db.prepare<Place, [Record<string, string | number>]>(dueSql);
  const first = db.prepare<ReadyRow, [Record<string, string | number>]>(jobSql);
  const start = db.prepare(claimSql);
  const running = db.prepare<ReadyRow, [number, number]>(
    "SELECT jobs.*, sealed FROM jobs LEFT JOIN payloads USING (seq) WHERE seq = ? AND status = 'started' AND run = ?",
  );

  /** Each queue is looked at when its first request comes that is not refused. */
  function allTurns({ requests }: Params, tx: Tx): AllTurns {
    const turns = new Map<string, Turns>();
    const wanted = Map.groupBy(requests, ({ queue }) => queue);
    return {
      of(queue: string): Turns {
        const known = turns.get(queue);
        if (known) return known;
        const most = wanted.get(queue)?.length ?? 1;
        makeReady(queue, Math.max(most, DUE_SLICE), tx);
        const made = turnsOf(queue, most);
        turns.set(queue, made);
        return made;
      },
      write() {
        for (const each of turns.values()) each.write();
      },
    };
  }

  function makeReady(queue: string, max: number, tx: Tx): void {
    if (anyDue.get(queue, tx.now)) {
      for (const row of due.all({ queue, now: tx.now, max })) tx.tally.becameReady(row);
    }
    tx.tally.write();
  }

  /** The claim of a job that was just started; null when it had to be ended, for what it would run is not there. */
  function toClaim(row: ReadyRow, worker: string, tx: Tx): Claim | null {
    if (!row.sealed) {
      const error = OPERATION_LOST;
      transitions.end(row, { status: "failed", type: resultTypeOf(error), error, reaped: false }, tx);
      return null;
    }
    const job = toJob(row);
    return {
      token: toToken(row),
      worker,
      job,
      sealed: row.sealed,
      executionTimeoutMs: row.execution_timeout_ms,
      retries: row.retries,
      readyAt: readyAt(job, row.ttl_ms),
    };
  }

  function startRun(row: ReadyRow, worker: string, node: string, now: number): ReadyRow {
    const fresh = { nonce: nonce(random), node, worker };
    start.run({ seq: row.seq, now, ...fresh });
    const counted = { run: row.run + 1, attempts: row.attempts + 1 };
    return { ...row, ...fresh, ...counted, status: "started", started_at: now };
  }

  /** `blocked` when the job whose turn it is has expired; `lost` when it cannot run and was ended. */
  function startNext({ worker, queue }: Request, { node, incarnation }: Params, all: AllTurns, tx: Tx) {
    // First: a request that is refused must not even make delayed jobs ready, or it would give their lanes a place.
    if (!free.get({ worker, queue, node, incarnation })) return null;
    const turns = all.of(queue);
    const turn = turns.next();
    if (!turn) return null;
    const waiting = first.get({ queue, priority: turn.priority, lane: turn.lane });
    // Only in a damaged file, where it must not keep the other queues from theirs.
    if (!waiting) return null;
    if (waiting.expires_at !== null && waiting.expires_at <= tx.now) return "blocked";
    const row = startRun(waiting, worker, node, tx.now);
    turns.served();
    const claim = toClaim(row, worker, tx);
    if (!claim) return "lost";
    if (row.exclusive === 1) turns.close();
    if (row.run > 1) log.drop(row.seq);
    tx.hint({ kind: "job", id: row.id, status: "started" });
    return claim;
  }

  /** One job that cannot run must not keep its queue, or the other requests, from theirs. */
  function startRunnable(
    request: Request,
    params: Params,
    turns: AllTurns,
    tx: Tx,
  ): Claim | "blocked" | null {
    for (let n = 0; n < LOST_SLICE; n++) {
      const got = startNext(request, params, turns, tx);
      if (got !== "lost") return got;
    }
    return "blocked";
  }

  /**
   * The first answer again. Made anew from the rows, for sealed operations are kept in one place only; a run that
   * has ended meanwhile is left out, for nobody may start it any more.
   */
  function repeated({ runs, blocked }: Remembered, tx: Tx): Attempt {
    const again = runs.flatMap(({ seq, run }) => {
      const row = running.get(seq, run);
      return (row && toClaim(row, row.worker ?? "", tx)) ?? [];
    });
    return { claims: again, blocked };
  }

  return (params, tx) => {
    const before = operations.recall<Remembered>(params.op);
    if (before) return repeated(before, tx);
    const answer: Attempt = { claims: [], blocked: [] };
    const turns = allTurns(params, tx);
    for (const request of params.requests) {
      const got = startRunnable(request, params, turns, tx);
      if (got === "blocked") answer.blocked.push(request);
      else if (got) answer.claims.push(got);
    }
    turns.write();
    const runs = answer.claims.map(({ token, job }) => ({ seq: job.seq, run: token.run }));
    operations.remember(params.op, 0, { runs, blocked: answer.blocked } satisfies Remembered, tx.now);
    return answer;
  };
}
