import type { Database } from "bun:sqlite";
import { nonce } from "../../../core/ids.ts";
import type { JobError, RunToken } from "../../../core/job.ts";
import { type Claim, type ClaimParams, resultTypeOf } from "../../storage.ts";
import { prepareLogWriter } from "../log.ts";
import { prepareOperations } from "../operations.ts";
import { type JobRow, toJob, toToken } from "../rows.ts";
import claimSql from "../sql/claim.sql" with { type: "text" };
import dueSql from "../sql/claim-due.sql" with { type: "text" };
import nextSql from "../sql/claim-next.sql" with { type: "text" };
import staleSql from "../sql/claim-stale.sql" with { type: "text" };
import workerSql from "../sql/claim-worker.sql" with { type: "text" };
import { prepareTransitions } from "../transitions.ts";
import type { Tx, Write, Writer } from "../writer.ts";

/** Expired jobs put aside in one transaction. */
const STALE_SLICE = 500;
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
export function claim(db: Database, writer: Writer): (params: ClaimParams) => Promise<Claim[]> {
  const attempt = claimOnce(db);
  const stale = db.prepare<{ seq: number }, [Record<string, number>]>(staleSql);

  async function putStaleAside(now?: number): Promise<void> {
    for (let got = STALE_SLICE; got === STALE_SLICE; ) {
      got = await writer.write((tx) => stale.all({ now: tx.now, max: STALE_SLICE }).length, now);
    }
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
    const place = (claim: Claim) => params.requests.findIndex(({ worker }) => worker === claim.worker);
    return claims.toSorted((a, b) => place(a) - place(b));
  };
}

interface Remembered {
  claims: { token: RunToken; worker: string }[];
  blocked: Request[];
}

function claimOnce(db: Database): Write<Params, Attempt> {
  const operations = prepareOperations(db);
  const log = prepareLogWriter(db);
  const transitions = prepareTransitions(db);
  const free = db.prepare<{ free: 1 }, [Record<string, string>]>(workerSql);
  const anyDue = db.prepare<{ seq: number }, [string, number]>(
    "SELECT seq FROM jobs INDEXED BY jobs_due WHERE queue = +? AND ready = 0 AND status = 'queued' AND run_at <= ? LIMIT 1",
  );
  const due = db.prepare(dueSql);
  const next = db.prepare<{ seq: number }, [{ queue: string }]>(nextSql);
  const start = db.prepare<JobRow, [Record<string, string | number>]>(claimSql);
  const sealedOf = db.prepare<{ sealed: Uint8Array }, [number]>("SELECT sealed FROM payloads WHERE seq = ?");
  const running = db.prepare<JobRow, [string, number, string]>(
    "SELECT * FROM jobs WHERE id = ? AND status = 'started' AND run = ? AND nonce = ?",
  );

  /** The claim of a started job; null when it had to be ended, for what it would run is not there. */
  function toClaim(row: JobRow, worker: string, tx: Tx): Claim | null {
    const sealed = sealedOf.get(row.seq)?.sealed;
    if (!sealed) {
      const error = OPERATION_LOST;
      transitions.end(row, { status: "failed", type: resultTypeOf(error), error, reaped: false }, tx);
      return null;
    }
    return {
      token: toToken(row),
      worker,
      job: toJob(row),
      sealed,
      executionTimeoutMs: row.execution_timeout_ms,
      retries: row.retries,
    };
  }

  /** `blocked` when the job whose turn it is has expired; `lost` when it cannot run and was ended. */
  function startNext({ worker, queue }: Request, { node, incarnation }: Params, tx: Tx) {
    if (!free.get({ worker, queue, node, incarnation })) return null;
    if (anyDue.get(queue, tx.now)) due.run({ queue, now: tx.now });
    const turn = next.get({ queue });
    if (!turn) return null;
    const row = start.get({ seq: turn.seq, nonce: nonce(), node, worker, now: tx.now });
    if (!row) return "blocked";
    const claim = toClaim(row, worker, tx);
    if (!claim) return "lost";
    if (row.run > 1) log.drop(row.seq);
    tx.hint({ kind: "job", id: row.id, status: "started" });
    return claim;
  }

  /** One job that cannot run must not keep its queue, or the other requests, from theirs. */
  function startRunnable(request: Request, params: Params, tx: Tx): Claim | "blocked" | null {
    for (let n = 0; n < LOST_SLICE; n++) {
      const got = startNext(request, params, tx);
      if (got !== "lost") return got;
    }
    return "blocked";
  }

  /**
   * The first answer again. Made anew from the rows, for sealed operations are kept in one place only; a run that
   * has ended meanwhile is left out, for nobody may start it any more.
   */
  function repeated({ claims, blocked }: Remembered, tx: Tx): Attempt {
    const again = claims.flatMap(({ token, worker }) => {
      const row = running.get(token.id, token.run, token.nonce);
      return (row && toClaim(row, worker, tx)) ?? [];
    });
    return { claims: again, blocked };
  }

  return (params, tx) => {
    const [before] = operations.recall<Remembered>(params.op);
    if (before) return repeated(before, tx);
    const answer: Attempt = { claims: [], blocked: [] };
    for (const request of params.requests) {
      const got = startRunnable(request, params, tx);
      if (got === "blocked") answer.blocked.push(request);
      else if (got) answer.claims.push(got);
    }
    const claims = answer.claims.map(({ token, worker }) => ({ token, worker }));
    operations.remember(params.op, 0, { claims, blocked: answer.blocked } satisfies Remembered, tx.now);
    return answer;
  };
}
