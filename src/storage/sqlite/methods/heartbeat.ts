import type { Database } from "bun:sqlite";
import { and, eq, isNull, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/bun-sqlite";
import type { RunToken } from "../../../core/job.ts";
import { encodeNodeWords } from "../../node-words.ts";
import type { HeartbeatParams, HeartbeatResult, WorkerState } from "../../storage.ts";
import { workers } from "../schema.ts";
import renewSql from "../sql/renew.sql" with { type: "text" };
import type { Write } from "../writer.ts";

export function heartbeat(db: Database): Write<HeartbeatParams, HeartbeatResult> {
  const beat = db.prepare<{ name: string }, [number, string, string, string]>(
    `UPDATE nodes SET beat = beat + 1, last_heartbeat = ?, host_memory = ?
     WHERE name = ? AND incarnation = ? AND lost = 0 RETURNING name`,
  );
  const renew = db.prepare<{ abort: number }, [Record<string, string | number>]>(renewSql);
  const report = db.prepare(
    `UPDATE workers SET pid = ?, session = ?, sessions_opened = ?
     WHERE name = ? AND node = ? AND incarnation = ? AND died_at IS NULL`,
  );
  const toStop = drizzle({ client: db })
    .select({ name: workers.name })
    .from(workers)
    .where(
      and(sql`${workers.node} = +${sql.placeholder("node")}`, eq(workers.stop, 1), isNull(workers.died_at)),
    )
    .orderBy(workers.name)
    .prepare();

  function renewAll(runs: RunToken[]): Pick<HeartbeatResult, "lost" | "abort"> {
    const lost: string[] = [];
    const abort: string[] = [];
    for (const { id, run, nonce } of runs) {
      const renewed = renew.get({ id, run, nonce });
      if (!renewed) lost.push(id);
      else if (renewed.abort === 1) abort.push(id);
    }
    return { lost, abort };
  }

  return ({ node, incarnation, runs, workers: changed, hostMemory, report: words }, tx) => {
    if (!beat.get(tx.now, encodeNodeWords(hostMemory, words), node, incarnation)) {
      return { known: false, lost: runs.map((run) => run.id), abort: [], stop: [] };
    }
    const store = (state: WorkerState) =>
      report.run(state.pid, state.session, state.sessionsOpened, state.name, node, incarnation);
    changed.forEach(store);
    return { known: true, ...renewAll(runs), stop: toStop.all({ node }).map(({ name }) => name) };
  };
}
