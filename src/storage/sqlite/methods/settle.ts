import type { Database } from "bun:sqlite";
import type { RunToken } from "../../../core/job.ts";
import {
  ABORTED,
  failed,
  type RunOutcome,
  type Settlement,
  type SettleOutcome,
  type Storage,
} from "../../storage.ts";
import { prepareLogWriter } from "../log.ts";
import { prepareOperations } from "../operations.ts";
import { RUN_COLUMNS, type RunRow } from "../rows.ts";
import { prepareTransitions } from "../transitions.ts";
import type { Tx, Write } from "../writer.ts";

type Params = Parameters<Storage["settle"]>[0];

export function settle(db: Database): Write<Params, SettleOutcome[]> {
  const operations = prepareOperations(db);
  const transitions = prepareTransitions(db);
  const log = prepareLogWriter(db);
  const find = db.prepare<RunRow, [string]>(`SELECT ${RUN_COLUMNS} FROM jobs WHERE id = ?`);

  function settledBefore(row: RunRow | null, token: RunToken): boolean {
    return (row !== null && isRun(row, token)) || operations.recall(handBackOf(token)) !== undefined;
  }

  function apply(row: RunRow, token: RunToken, outcome: RunOutcome, tx: Tx): void {
    if (outcome.kind === "succeeded" || outcome.kind === "failed") {
      const status = outcome.kind === "succeeded" ? "finished" : "failed";
      transitions.end(row, { status, ...outcome.result, reaped: false }, tx);
      return;
    }
    const retryInMs = outcome.kind === "retry" ? outcome.delayMs : null;
    transitions.requeue(row, { retryInMs, reaped: false }, tx);
    // The next claim overwrites the token in the row; a repeat of this call must still be known.
    operations.remember(handBackOf(token), 0, null, tx.now);
  }

  function settleOne({ token, tail, tailOffset, outcome }: Settlement, tx: Tx): SettleOutcome {
    const row = find.get(token.id);
    if (row?.status !== "started" || !isRun(row, token)) {
      return settledBefore(row, token) ? "already" : "lost";
    }
    if (log.append(row.seq, tailOffset, tail) === "gap") return "lost";
    if (tail.length > 0) tx.hint({ kind: "output", id: token.id });
    apply(row, token, permitted(row, outcome), tx);
    return "ok";
  }

  return ({ settlements }, tx) => settlements.map((settlement) => settleOne(settlement, tx));
}

/** A retry needs an attempt that is left, and nothing goes back to the queue that somebody asked to abort. */
function permitted(row: RunRow, outcome: RunOutcome): RunOutcome {
  if (outcome.kind !== "retry" && outcome.kind !== "released") return outcome;
  if (row.abort === 1) return failed(ABORTED);
  if (outcome.kind === "retry" && row.attempts > row.retries) return failed(outcome.error);
  return outcome;
}

/** A reaped row has no nonce, so it is nobody's run. */
function isRun(row: RunRow, token: RunToken): boolean {
  return row.run === token.run && row.nonce === token.nonce;
}

function handBackOf({ id, run, nonce }: RunToken): string {
  return `handed back ${id} ${run} ${nonce}`;
}
