import type { Database } from "bun:sqlite";
import type { FinalStatus, JobError, JobResult } from "../../core/job.ts";
import type { Hint } from "../storage.ts";
import { encodeResult, type RunRow } from "./rows.ts";
import creditSql from "./sql/credit-worker.sql" with { type: "text" };
import endSql from "./sql/end-run.sql" with { type: "text" };
import requeueSql from "./sql/requeue-run.sql" with { type: "text" };
import type { Tx } from "./writer.ts";

/** How a run ends, or goes back to the queue. Shared by settle and reap, which differ in who may ask. */
export interface Transitions {
  end(row: EndingRow, params: EndParams, tx: Tx): void;
  requeue(row: RunRow, params: RequeueParams, tx: Tx): void;
}

type EndingRow = Pick<RunRow, "seq" | "id" | "run" | "nonce" | "worker" | "started_at">;

export interface EndParams {
  status: Exclude<FinalStatus, "cancelled">;
  type: JobResult["type"];
  error: JobError | null;
  /** The run's token is void from now on, also for a settlement that comes late. */
  reaped: boolean;
}

export interface RequeueParams {
  /** How long to wait before the next run; null hands the job back as if it had not been claimed. */
  retryInMs: number | null;
  reaped: boolean;
}

export function prepareTransitions(db: Database): Transitions {
  const endRun = db.prepare(endSql);
  const requeueRun = db.prepare(requeueSql);
  const credit = db.prepare(creditSql);

  function creditWorker(row: EndingRow, ended: EndParams["status"] | null, now: number): void {
    const busyMs = Math.max(0, now - (row.started_at ?? now));
    const succeeded = ended === "finished" ? 1 : 0;
    const failed = ended === "failed" ? 1 : 0;
    credit.run({ worker: row.worker, succeeded, failed, busy_ms: busyMs });
  }

  return {
    end(row, { status, type, error, reaped }, tx) {
      endRun.run({
        ...runOf(row),
        status,
        result: encodeResult(type, error),
        now: tx.now,
        reaped: Number(reaped),
      });
      tx.tally.ended(row.seq, status, tx.now);
      creditWorker(row, status, tx.now);
      tx.hint({ kind: "job", id: row.id, status });
    },

    requeue(row, { retryInMs, reaped }, tx) {
      const next = retryInMs === null ? handedBack(row) : again(row, tx.now, retryInMs);
      requeueRun.run({ ...runOf(row), ...next, reaped: Number(reaped) });
      tx.tally.requeued({ ...row, ready: next.ready });
      creditWorker(row, null, tx.now);
      tx.hint({ kind: "job", id: row.id, status: "queued" });
      tx.hint(queuedHint(row.queue, retryInMs ?? 0));
    },
  };
}

/** That the queue has got a job which may start in `inMs`. */
export function queuedHint(queue: string, inMs: number): Hint {
  return inMs > 0 ? { kind: "queued", queue, inMs } : { kind: "queued", queue };
}

function runOf(row: EndingRow) {
  return { seq: row.seq, run: row.run, nonce: row.nonce };
}

/** The claim did not happen: it costs no attempt, and the job has waited since it was first enqueued. */
function handedBack(row: RunRow) {
  return {
    ready: 1,
    run_at: null,
    enqueued_at: row.enqueued_at,
    expires_at: row.expires_at,
    attempts: row.attempts - 1,
  };
}

/** A stay in the queue of its own, with the whole TTL from the moment the job may start. */
function again(row: RunRow, now: number, delayMs: number) {
  const delayed = delayMs > 0;
  return {
    ready: delayed ? 0 : 1,
    run_at: delayed ? now + delayMs : null,
    enqueued_at: now,
    expires_at: row.ttl_ms === null ? null : now + delayMs + row.ttl_ms,
    attempts: row.attempts,
  };
}
