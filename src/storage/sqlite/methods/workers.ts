import type { Database } from "bun:sqlite";
import { and, asc, eq, gt, inArray, isNotNull, isNull, type SQL } from "drizzle-orm";
import { drizzle } from "drizzle-orm/bun-sqlite";
import type { ListWorkersParams, Storage, Worker, WorkerFilter, WorkerStatus } from "../../storage.ts";
import { prepareOperations } from "../operations.ts";
import { jobs, nodes, STARTED, workers } from "../schema.ts";
import type { Write } from "../writer.ts";

type Params<M extends "stopWorkers" | "suspendWorkers"> = Parameters<Storage[M]>[0];
type Page = { workers: Worker[]; next: string | null };
type Stopped = { worker: string; job: string | null };

/** The workers that match, by name, each with the job it runs and what its node knows of it. */
function prepareSelect(db: Database) {
  const orm = drizzle({ client: db });
  return (filter: WorkerFilter, ...more: (SQL | undefined)[]) =>
    orm
      .select({
        worker: workers,
        job: jobs.id,
        heartbeat: nodes.last_heartbeat,
        hostMemory: nodes.host_memory,
      })
      .from(workers)
      .leftJoin(jobs, and(eq(jobs.worker, workers.name), STARTED))
      .leftJoin(nodes, and(eq(nodes.name, workers.node), eq(nodes.incarnation, workers.incarnation)))
      .where(and(matches(filter), ...more))
      .orderBy(asc(workers.name));
}

type Selected = ReturnType<ReturnType<ReturnType<typeof prepareSelect>>["all"]>[number];

function matches({ name, queue, node, host, status }: WorkerFilter): SQL | undefined {
  return and(
    name === undefined ? undefined : eq(workers.name, name),
    queue === undefined ? undefined : eq(workers.queue, queue),
    node === undefined ? undefined : eq(workers.node, node),
    host === undefined ? undefined : eq(workers.host, host),
    status === undefined ? undefined : hasStatus(status),
  );
}

/** The derivation of `Worker.status`, as conditions. */
function hasStatus(status: WorkerStatus): SQL | undefined {
  const alive = isNull(workers.died_at);
  switch (status) {
    case "dead":
      return isNotNull(workers.died_at);
    case "busy":
      return and(alive, isNotNull(jobs.id));
    case "suspended":
      return and(alive, isNull(jobs.id), eq(workers.suspended, 1));
    case "idle":
      return and(alive, isNull(jobs.id), eq(workers.suspended, 0));
  }
}

function statusOf({ worker, job }: Selected): WorkerStatus {
  if (worker.died_at !== null) return "dead";
  if (job !== null) return "busy";
  return worker.suspended === 1 ? "suspended" : "idle";
}

function toWorker(row: Selected): Worker {
  const { worker, job, heartbeat, hostMemory } = row;
  const memory = JSON.parse(hostMemory ?? "{}") as Record<string, number>;
  return {
    name: worker.name,
    node: worker.node,
    incarnation: worker.incarnation,
    kind: worker.kind,
    queue: worker.queue,
    hostname: worker.hostname,
    pid: worker.pid,
    host: worker.host,
    site: worker.site,
    status: statusOf(row),
    session: worker.died_at === null ? worker.session : "none",
    sessionsOpened: worker.sessions_opened,
    currentJobs: job === null ? [] : [job],
    // Its node may have beaten last before the worker was born.
    lastHeartbeat: Math.max(worker.birth_at, worker.last_heartbeat ?? heartbeat ?? 0),
    birthAt: worker.birth_at,
    diedAt: worker.died_at,
    successfulJobCount: worker.succeeded,
    failedJobCount: worker.failed,
    busyMs: worker.busy_ms,
    memoryMb: worker.died_at === null ? (memory[worker.pid] ?? null) : null,
  };
}

export function listWorkers(db: Database): (params: ListWorkersParams) => Page {
  const select = prepareSelect(db);
  return ({ filter, limit, after }) => {
    const rows = select(filter, after === undefined ? undefined : gt(workers.name, after))
      .limit(limit + 1)
      .all();
    const page = rows.slice(0, limit).map(toWorker);
    return { workers: page, next: rows.length > limit ? (page.at(-1)?.name ?? null) : null };
  };
}

export function stopWorkers(db: Database): Write<Params<"stopWorkers">, Stopped[]> {
  const operations = prepareOperations(db);
  const select = prepareSelect(db);
  const stop = db.prepare("UPDATE workers SET stop = 1 WHERE name = ?");
  return ({ op, filter }, tx) => {
    const before = operations.recall<Stopped[]>(op);
    if (before) return before;
    const stopped: Stopped[] = [];
    for (const { worker, job } of select(filter, isNull(workers.died_at)).all()) {
      stop.run(worker.name);
      tx.hint({ kind: "worker", worker: worker.name, node: worker.node, change: "stop" });
      stopped.push({ worker: worker.name, job });
    }
    operations.remember(op, 0, stopped, tx.now);
    return stopped;
  };
}

export function suspendWorkers(db: Database): Write<Params<"suspendWorkers">, { workers: string[] }> {
  const orm = drizzle({ client: db });
  const select = prepareSelect(db);
  return ({ filter, suspended }, tx) => {
    const found = select(filter, isNull(workers.died_at))
      .all()
      .map(({ worker }) => worker);
    const names = found.map(({ name }) => name);
    orm
      .update(workers)
      .set({ suspended: suspended ? 1 : 0 })
      .where(inArray(workers.name, names))
      .run();
    const change = suspended ? "suspend" : "resume";
    for (const { name, node } of found) tx.hint({ kind: "worker", worker: name, node, change });
    return { workers: names };
  };
}
