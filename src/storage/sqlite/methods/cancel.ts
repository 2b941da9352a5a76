import type { Database } from "bun:sqlite";
import { isFinal } from "../../../core/job.ts";
import type { CancelOutcome, Storage } from "../../storage.ts";
import { prepareOperations } from "../operations.ts";
import { type JobRow, QUEUED_COLUMNS, type QueuedRow } from "../rows.ts";
import abortSql from "../sql/abort.sql" with { type: "text" };
import cancelSql from "../sql/cancel.sql" with { type: "text" };
import type { Tx, Write } from "../writer.ts";

type Params = Omit<Parameters<Storage["cancel"]>[0], "now">;

/** Cancels one queued job inside a transaction; false when it is not queued any more. */
export function prepareCancel(db: Database): (row: QueuedRow, tx: Tx) => boolean {
  const update = db.prepare(cancelSql);
  return (row, tx) => {
    if (update.run({ seq: row.seq, now: tx.now }).changes === 0) return false;
    tx.tally.dropped(row);
    tx.tally.ended(row.seq, "cancelled", tx.now);
    tx.hint({ kind: "job", id: row.id, status: "cancelled" });
    return true;
  };
}

export function cancel(db: Database): Write<Params, CancelOutcome> {
  const operations = prepareOperations(db);
  const find = db.prepare<QueuedRow & Pick<JobRow, "status">, [string]>(
    `SELECT ${QUEUED_COLUMNS}, status FROM jobs WHERE id = ?`,
  );
  const cancelQueued = prepareCancel(db);
  const abort = db.prepare<{ node: string }, [{ seq: number }]>(abortSql);

  function decide({ id, abort: force }: Params, tx: Tx): CancelOutcome {
    const row = find.get(id);
    if (!row) return { outcome: "not_found" };
    if (isFinal(row.status)) return { outcome: "ended", status: row.status };
    if (cancelQueued(row, tx)) return { outcome: "cancelled" };
    const running = force ? abort.get({ seq: row.seq }) : null;
    if (!running) return { outcome: "started" };
    tx.hint({ kind: "abort", id, node: running.node });
    return { outcome: "abort_requested" };
  }

  return (params, tx) => {
    const before = operations.recall<CancelOutcome>(params.op);
    if (before) return before;
    const outcome = decide(params, tx);
    operations.remember(params.op, 0, outcome, tx.now);
    return outcome;
  };
}
