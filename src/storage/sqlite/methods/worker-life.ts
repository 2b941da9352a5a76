import type { Database } from "bun:sqlite";
import { and, eq, isNull, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/bun-sqlite";
import type { AddWorkerOutcome, NewWorker, Storage } from "../../storage.ts";
import { nodes, workers } from "../schema.ts";
import type { Write } from "../writer.ts";

type Params<M extends "addWorker" | "endWorker" | "pruneWorkers"> = Parameters<Storage[M]>[0];

export function addWorker(db: Database): Write<Params<"addWorker">, AddWorkerOutcome> {
  const orm = drizzle({ client: db });

  function nodeKnows({ node, incarnation }: NewWorker): boolean {
    const row = orm.select().from(nodes).where(eq(nodes.name, node)).get();
    return row?.incarnation === incarnation && row.lost === 0;
  }

  /** The living worker that has the queue pinned, which `workers_pin` guarantees is one at most. */
  function ownerOf({ kind, queue }: NewWorker) {
    if (kind === "fifo") return undefined;
    const pinned = and(eq(workers.queue, queue), eq(workers.kind, "pinned"), isNull(workers.died_at));
    return orm.select({ worker: workers.name, node: workers.node }).from(workers).where(pinned).get();
  }

  return ({ worker }, tx) => {
    if (orm.select().from(workers).where(eq(workers.name, worker.name)).get()) return { outcome: "added" };
    if (!nodeKnows(worker)) return { outcome: "unknown_node" };
    const owner = ownerOf(worker);
    if (owner) return { outcome: "taken", ...owner };
    orm
      .insert(workers)
      .values({ ...worker, ...newborn(tx.now) })
      .run();
    return { outcome: "added" };
  };
}

function newborn(now: number) {
  const flags = { suspended: 0, stop: 0 };
  const counters = { sessions_opened: 0, succeeded: 0, failed: 0, busy_ms: 0 };
  return { session: "none", birth_at: now, ...flags, ...counters } as const;
}

/** For a worker that dies: a living one has its node's heartbeat. */
export const lastHeartbeat = sql`(SELECT last_heartbeat FROM nodes WHERE nodes.name = workers.node)`;

export function endWorker(db: Database): Write<Params<"endWorker">, void> {
  const orm = drizzle({ client: db });
  return ({ name, as }, tx) => {
    const named = eq(workers.name, name);
    const node = { node: workers.node };
    const [ended] =
      as === "gone"
        ? orm.delete(workers).where(named).returning(node).all()
        : orm
            .update(workers)
            .set({ died_at: tx.now, last_heartbeat: lastHeartbeat })
            .where(and(named, isNull(workers.died_at)))
            .returning(node)
            .all();
    if (ended) tx.hint({ kind: "worker", worker: name, node: ended.node, change: "ended" });
  };
}

export function pruneWorkers(db: Database): Write<Params<"pruneWorkers">, { pruned: number }> {
  const remove = db.prepare<{ gone: 1 }, [number]>(
    "DELETE FROM workers WHERE died_at < ? RETURNING 1 AS gone",
  );
  const removeNodes = db.prepare(
    `DELETE FROM nodes WHERE lost = 1 AND last_heartbeat < ?
       AND NOT EXISTS (SELECT 1 FROM workers WHERE node = nodes.name)`,
  );
  return ({ diedBefore }) => {
    const pruned = remove.all(diedBefore).length;
    removeNodes.run(diedBefore);
    return { pruned };
  };
}
