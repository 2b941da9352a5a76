import type { Database } from "bun:sqlite";
import { and, asc, eq, isNull, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/bun-sqlite";
import { decodeSites, encodeSites } from "../../node-sites.ts";
import { reportIn } from "../../node-words.ts";
import type { NodePulse, NodeReported, Storage } from "../../storage.ts";
import type { Reader } from "../reader.ts";
import { jobs, nodes, STARTED, workers } from "../schema.ts";
import type { Tx, Write } from "../writer.ts";
import { lastHeartbeat } from "./worker-life.ts";

type Params<M extends "registerNode" | "loseNode" | "removeNode"> = Parameters<Storage[M]>[0];

/** Declares every living worker of a node dead, which frees its pins. */
function prepareBury(db: Database): (node: string, tx: Tx) => void {
  const orm = drizzle({ client: db });
  return (node, tx) => {
    const buried = orm
      .update(workers)
      .set({ died_at: tx.now, last_heartbeat: lastHeartbeat })
      .where(and(eq(workers.node, node), isNull(workers.died_at)))
      .returning({ worker: workers.name })
      .all();
    for (const { worker } of buried) tx.hint({ kind: "worker", worker, node, change: "ended" });
  };
}

export function registerNode(db: Database): Write<Params<"registerNode">, void> {
  const orm = drizzle({ client: db });
  const bury = prepareBury(db);
  return ({ node }, tx) => {
    const known = orm.select().from(nodes).where(eq(nodes.name, node.name)).get();
    if (known?.incarnation === node.incarnation) return;
    if (known) bury(node.name, tx);
    // The beat goes on: a watcher of the older incarnation never mistakes this one for it.
    const fresh = {
      ...node,
      sites: encodeSites(node.sites),
      beat: (known?.beat ?? 0) + 1,
      last_heartbeat: tx.now,
      lost: 0,
      host_memory: "{}",
    };
    orm.insert(nodes).values(fresh).onConflictDoUpdate({ target: nodes.name, set: fresh }).run();
  };
}

export function listNodes(db: Database): () => NodePulse[] {
  const all = drizzle({ client: db }).select().from(nodes).orderBy(asc(nodes.name)).prepare();
  return () =>
    all.all().map(({ host_memory: _, last_heartbeat, lost, sites, ...node }) => ({
      ...node,
      sites: decodeSites(sites),
      lastHeartbeat: last_heartbeat,
      lost: lost === 1,
    }));
}

export function nodeReports(db: Database, { clock }: Reader): (params?: { now?: number }) => NodeReported[] {
  const living = db.prepare<{ name: string; heard: number; words: string }, []>(
    "SELECT name, last_heartbeat AS heard, host_memory AS words FROM nodes WHERE lost = 0 ORDER BY name",
  );
  return ({ now = clock.now() } = {}) =>
    living.all().map(({ name, heard, words }) => ({
      name,
      silentMs: Math.max(0, now - heard),
      report: reportIn(words),
    }));
}

export function loseNode(db: Database): Write<Params<"loseNode">, "lost" | "alive"> {
  const orm = drizzle({ client: db });
  const bury = prepareBury(db);
  return ({ name, incarnation, beat }, tx) => {
    const node = orm.select().from(nodes).where(eq(nodes.name, name)).get();
    if (node?.incarnation !== incarnation || node.lost === 1) return "lost";
    if (node.beat !== beat) return "alive";
    orm.update(nodes).set({ lost: 1 }).where(eq(nodes.name, name)).run();
    bury(name, tx);
    return "lost";
  };
}

export function removeNode(db: Database): Write<Params<"removeNode">, void> {
  const orm = drizzle({ client: db });
  return ({ name, incarnation }, tx) => {
    const busy = orm
      .select({ seq: jobs.seq })
      .from(jobs)
      .where(and(STARTED, sql`+${jobs.node} = ${name}`))
      .limit(1)
      .all();
    if (busy.length > 0) return;
    const removed = orm
      .delete(nodes)
      .where(and(eq(nodes.name, name), eq(nodes.incarnation, incarnation)))
      .returning({ name: nodes.name })
      .all();
    if (removed.length === 0) return;
    const gone = orm
      .delete(workers)
      .where(and(eq(workers.node, name), isNull(workers.died_at)))
      .returning({ worker: workers.name })
      .all();
    for (const { worker } of gone) tx.hint({ kind: "worker", worker, node: name, change: "ended" });
  };
}
