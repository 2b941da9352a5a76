import type { Database } from "bun:sqlite";
import type { Storage } from "../../storage.ts";
import { prepareLogWriter } from "../log.ts";
import type { Write } from "../writer.ts";

type Params = Parameters<Storage["appendOutput"]>[0];

export function appendOutput(db: Database): Write<Params, "ok" | "already" | "lost"> {
  const log = prepareLogWriter(db);
  const find = db.prepare<{ seq: number }, [string, number, string]>(
    "SELECT seq FROM jobs WHERE id = ? AND status = 'started' AND run = ? AND nonce = ?",
  );
  return ({ token, offset, bytes }, tx) => {
    const row = find.get(token.id, token.run, token.nonce);
    if (!row) return "lost";
    const outcome = log.append(row.seq, offset, bytes);
    if (outcome === "ok") tx.hint({ kind: "output", id: token.id });
    return outcome === "gap" ? "lost" : outcome;
  };
}
