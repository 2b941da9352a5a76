import type {
  AddWorkerOutcome,
  HeartbeatParams,
  NewWorker,
  NodeLoad,
  NodePulse,
  NodeRecord,
  NodeReported,
  Wait,
  Worker,
  WorkerFilter,
} from "../../../../src/storage/storage.ts";

/** A worker as listed, and what is not listed. */
export interface KnownWorker extends Worker {
  suspended: boolean;
  stopping: boolean;
}

export interface KnownNode extends Omit<NodePulse, "beat"> {
  /** As last seen; null before. */
  beat: number | null;
  /** It has beaten since. */
  beaten: boolean;
  /** With its last heartbeat. */
  report: NodeReported["report"];
  /** It is lost and has no worker left, and whether it has its own time to be listed is open. */
  forgettable: boolean;
}

/** The nodes and workers of a store and every change that the contract allows. */
export class Fleet {
  readonly nodes = new Map<string, KnownNode>();
  readonly workers = new Map<string, KnownWorker>();

  /** The node, if this incarnation may act. */
  alive(name: string, incarnation: string): KnownNode | null {
    const node = this.nodes.get(name);
    return node && !node.lost && node.incarnation === incarnation ? node : null;
  }

  living(node?: string): KnownWorker[] {
    const living = [...this.workers.values()].filter(({ diedAt }) => diedAt === null);
    return living.filter((worker) => node === undefined || worker.node === node);
  }

  list(filter: WorkerFilter): KnownWorker[] {
    return [...this.workers.values()]
      .filter((worker) => Object.entries(filter).every(([name, value]) => worker[name as "name"] === value))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  register(record: NodeRecord, now: number): void {
    const { name } = record;
    if (this.nodes.get(name)?.incarnation === record.incarnation) return;
    for (const worker of this.living(name)) this.die(worker, now);
    this.nodes.set(name, {
      ...record,
      beat: null,
      beaten: false,
      report: {},
      forgettable: false,
      lastHeartbeat: now,
      lost: false,
    });
  }

  lose(
    { name, incarnation, beat }: Pick<NodePulse, "name" | "incarnation" | "beat">,
    now: number,
  ): "lost" | "alive" {
    const node = this.alive(name, incarnation);
    if (!node) return "lost";
    if (node.beat !== beat) return "alive";
    node.lost = true;
    for (const worker of this.living(name)) this.die(worker, now);
    return "lost";
  }

  /** Only of a node without started jobs. */
  remove(name: string): void {
    for (const worker of this.living(name)) this.workers.delete(worker.name);
    this.nodes.delete(name);
  }

  beat(node: KnownNode, { workers: states, hostMemory: memory, report }: HeartbeatParams, now: number): void {
    node.lastHeartbeat = now;
    node.report = report ?? {};
    node.beaten = true;
    for (const worker of this.living(node.name)) {
      worker.lastHeartbeat = now;
      Object.assign(worker, states.find(({ name }) => name === worker.name) ?? {});
      worker.memoryMb = memory[worker.pid] ?? null;
    }
  }

  /** Whether anybody takes the jobs of a queue. */
  workersOf(queue: string): Wait["workers"] {
    const workers = this.living().filter((worker) => worker.queue === queue);
    if (workers.length === 0) return "none";
    return workers.every(({ suspended }) => suspended) ? "suspended" : "some";
  }

  /** As `nodeLoads` must tell them, with the pinned jobs that are started on each. */
  loads(pinnedRuns: (node: string) => number, now: number): NodeLoad[] {
    return this.#notLost().map(({ name, capacity, sites, lastHeartbeat }) => ({
      name,
      capacity,
      sites,
      pinnedRuns: pinnedRuns(name),
      silentMs: now - lastHeartbeat,
    }));
  }

  reports(now: number): NodeReported[] {
    return this.#notLost().map(({ name, lastHeartbeat, report }) => ({
      name,
      silentMs: now - lastHeartbeat,
      report,
    }));
  }

  #notLost(): KnownNode[] {
    return [...this.nodes.values()]
      .filter(({ lost }) => !lost)
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  add(worker: NewWorker, now: number): AddWorkerOutcome {
    if (this.workers.has(worker.name)) return { outcome: "added" };
    if (!this.alive(worker.node, worker.incarnation)) return { outcome: "unknown_node" };
    const owner = this.living().find(({ kind, queue }) => kind === "pinned" && queue === worker.queue);
    if (worker.kind === "pinned" && owner) {
      return { outcome: "taken", worker: owner.name, node: owner.node };
    }
    this.workers.set(worker.name, {
      ...worker,
      status: "idle",
      session: "none",
      sessionsOpened: 0,
      currentJobs: [],
      lastHeartbeat: now,
      birthAt: now,
      diedAt: null,
      successfulJobCount: 0,
      failedJobCount: 0,
      busyMs: 0,
      memoryMb: null,
      suspended: false,
      stopping: false,
    });
    return { outcome: "added" };
  }

  end(name: string, as: "dead" | "gone", now: number): void {
    const worker = this.workers.get(name);
    if (!worker) return;
    if (as === "gone") this.workers.delete(name);
    else if (worker.diedAt === null) this.die(worker, now);
  }

  die(worker: KnownWorker, now: number): void {
    Object.assign(worker, { diedAt: now, session: "none" });
    this.refresh(worker);
  }

  /** A worker's run has begun, or ended. */
  runs(name: string | null, job: string | null): void {
    const worker = this.workers.get(name ?? "");
    if (!worker) return;
    worker.currentJobs = job === null ? [] : [job];
    this.refresh(worker);
  }

  refresh(worker: KnownWorker): void {
    const { diedAt, currentJobs, suspended } = worker;
    if (diedAt !== null) worker.status = "dead";
    else if (currentJobs.length > 0) worker.status = "busy";
    else worker.status = suspended ? "suspended" : "idle";
  }

  prune(diedBefore: number): number {
    const forgotten = [...this.workers.values()].filter(
      ({ diedAt }) => diedAt !== null && diedAt < diedBefore,
    );
    for (const { name } of forgotten) this.workers.delete(name);
    const kept = new Set([...this.workers.values()].map(({ node }) => node));
    for (const node of [...this.nodes.values()].filter(({ name, lost }) => lost && !kept.has(name))) {
      if (node.lastHeartbeat < diedBefore) this.nodes.delete(node.name);
      else node.forgettable = true;
    }
    return forgotten.length;
  }
}

/** What is compared of a worker as listed: the contract does not say how much memory the host of a dead one has. */
export function shown(worker: Worker | KnownWorker): Worker {
  const { suspended: _, stopping: __, ...listed } = { suspended: false, stopping: false, ...worker };
  return listed.status === "dead" ? { ...listed, memoryMb: null } : listed;
}
