import type { Database } from "bun:sqlite";
import type { JobError } from "../../../core/job.ts";
import { ABORTED, type Lease, type ReapOutcome, resultTypeOf, type Storage } from "../../storage.ts";
import { type JobRow, RUN_COLUMNS, type RunRow, toToken } from "../rows.ts";
import { prepareTransitions } from "../transitions.ts";
import type { Tx, Write } from "../writer.ts";

type Params = Parameters<Storage["reap"]>[0];

type LeaseRow = Pick<JobRow, "id" | "run" | "nonce" | "node" | "worker" | "renewal">;

export function leases(db: Database): () => Lease[] {
  const started = db.prepare<LeaseRow, []>(
    `SELECT id, run, nonce, node, worker, renewal FROM jobs INDEXED BY jobs_running
     WHERE status = 'started' ORDER BY seq`,
  );
  return () =>
    started.all().map((row) => ({
      token: toToken(row),
      node: row.node ?? "",
      worker: row.worker ?? "",
      renewal: row.renewal,
    }));
}

export function reap(db: Database): Write<Params, ReapOutcome[]> {
  const find = db.prepare<RunRow, [string]>(`SELECT ${RUN_COLUMNS} FROM jobs WHERE id = ?`);
  const transitions = prepareTransitions(db);

  function reapOne({ token, renewal }: Lease, error: JobError, tx: Tx): ReapOutcome {
    const row = find.get(token.id);
    if (row?.status !== "started" || row.run !== token.run || row.nonce !== token.nonce) return "gone";
    if (row.renewal !== renewal) return "alive";
    if (row.abort === 0 && row.attempts <= row.retries) {
      transitions.requeue(row, { retryInMs: 0, reaped: true }, tx);
      return "requeued";
    }
    const reason = row.abort === 1 ? ABORTED : error;
    transitions.end(row, { status: "failed", type: resultTypeOf(reason), error: reason, reaped: true }, tx);
    return "failed";
  }

  return ({ leases: lapsed, error }, tx) => lapsed.map((lease) => reapOne(lease, error, tx));
}
