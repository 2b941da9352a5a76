import type { Database } from "bun:sqlite";
import { asc, eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/bun-sqlite";
import type { JobError } from "../../../core/job.ts";
import { ABORTED, type Lease, type ReapOutcome, resultTypeOf, type Storage } from "../../storage.ts";
import { RUN_COLUMNS, type RunRow, toToken } from "../rows.ts";
import { jobs } from "../schema.ts";
import { prepareTransitions } from "../transitions.ts";
import type { Tx, Write } from "../writer.ts";

type Params = Parameters<Storage["reap"]>[0];

export function leases(db: Database): () => Lease[] {
  const started = drizzle({ client: db })
    .select({
      id: jobs.id,
      run: jobs.run,
      nonce: jobs.nonce,
      node: jobs.node,
      worker: jobs.worker,
      renewal: jobs.renewal,
    })
    .from(jobs)
    .where(eq(jobs.status, "started"))
    .orderBy(asc(jobs.seq))
    .prepare();
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
