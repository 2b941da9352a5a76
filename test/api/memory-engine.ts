import type { TaskState } from "../../src/core/detached-task.ts";
import { type FieldError, RequestError } from "../../src/core/errors.ts";
import { FIFO_QUEUE, isFinal, JOB_STATUSES, type Job, type JobStatus } from "../../src/core/job.ts";
import type { CommandOutput, OutputFrame } from "../../src/core/output-log.ts";
import { deliveryOfJob } from "../../src/core/webhook.ts";
import type { Deliveries } from "../../src/engine/deliveries.ts";
import type {
  BatchView,
  BulkAnswer,
  BulkRequest,
  Caller,
  Engine,
  ExecRequest,
  HealthReport,
  JobQuery,
  JobView,
  NewTask,
  StoppedWorker,
  TaskLogin,
  Tasks,
  TaskView,
  TestRequest,
} from "../../src/engine/engine.ts";
import type { FileGrant } from "../../src/engine/file-grants.ts";
import type { FollowParams, JobEvent } from "../../src/engine/follow.ts";
import type { OutputPart } from "../../src/engine/outputs.ts";
import type { Waiting } from "../../src/engine/waiting.ts";
import type { WebhookRequest } from "../../src/engine/webhooks.ts";
import type { Batch } from "../../src/storage/batches.ts";
import type { Delivery } from "../../src/storage/deliveries.ts";
import type { JobFilter, Worker, WorkerFilter } from "../../src/storage/storage.ts";

/** 2024-01-01T04:00:00Z. */
export const NOON = Date.UTC(2024, 0, 1, 4);

export function aJob(given: Partial<Job> = {}): Job {
  const seq = given.seq ?? 1;
  return {
    id: `job_${seq}`,
    seq,
    status: "queued",
    queue: FIFO_QUEUE,
    driver: "netmiko",
    host: "192.0.2.1",
    site: null,
    node: null,
    worker: null,
    batchId: null,
    command: ["show version"],
    retvalShape: "text",
    priority: 0,
    attempts: 0,
    createdAt: NOON,
    enqueuedAt: NOON + 1000,
    startedAt: null,
    endedAt: null,
    expiresAt: null,
    result: null,
    ...given,
  };
}

export function anEndedJob(given: Partial<Job> = {}): Job {
  return aJob({
    status: "finished",
    node: "n1",
    worker: "worker_001",
    attempts: 1,
    startedAt: NOON + 2000,
    endedAt: NOON + 5000,
    result: { type: "success", error: null },
    ...given,
  });
}

export function anOutput(given: Partial<CommandOutput> = {}): CommandOutput {
  return {
    command: "show version",
    stdout: "Cisco IOS Software, Version 15.2...",
    stderr: "",
    exitStatus: null,
    ok: true,
    startedAt: NOON + 2000,
    durationMs: 2900,
    parsed: null,
    parseError: null,
    ...given,
  };
}

export function aWorker(given: Partial<Worker> = {}): Worker {
  return {
    name: "worker_001",
    node: "n1",
    incarnation: "inc_1",
    kind: "fifo",
    queue: FIFO_QUEUE,
    hostname: "worker-node-1",
    pid: 12345,
    host: null,
    site: null,
    status: "idle",
    session: "none",
    sessionsOpened: 0,
    currentJobs: [],
    lastHeartbeat: NOON,
    birthAt: NOON - 7_200_000,
    diedAt: null,
    successfulJobCount: 150,
    failedJobCount: 2,
    busyMs: 304_000,
    memoryMb: 58,
    ...given,
  };
}

export function aBatch(given: Partial<Batch> = {}): Batch {
  return {
    id: "batch_1",
    createdAt: NOON,
    fingerprint: null,
    jobs: 1,
    canary: [],
    stopAfter: null,
    resultTtlMs: 3_600_000,
    retryOf: null,
    phase: "open",
    reason: null,
    stored: true,
    watched: false,
    ...given,
  };
}

export const HEALTHY: HealthReport = {
  ok: true,
  down: [],
  storage: { name: "sqlite", ok: true, latencyMs: 0.3, sizeBytes: 4096 },
  workers: { busy: 1, idle: 7, suspended: 0, dead: 0, oldestHeartbeat: NOON },
  sessions: { connected: 2, connecting: 0, none: 6 },
  nodes: [{ name: "n1", silentMs: 500, report: { claims: 4, connectsFailed: 2, deviceBreakersOpen: 1 } }],
  queues: [{ queue: FIFO_QUEUE, depth: 3, oldestAt: NOON - 2000 }],
  jobs: { queued: 3, started: 1, finished: 5, failed: 1, cancelled: 0 },
  deliveries: { pending: 4, dead: 1, firstDueAt: NOON - 3000 },
};

class MemoryTasks implements Tasks {
  readonly known = new Map<string, { task: TaskView; login: TaskLogin }>();
  /** Thrown by who is asked while it is set. */
  fault: Error | null = null;

  async list({ state, limit }: Parameters<Tasks["list"]>[0]) {
    if (this.fault !== null) throw this.fault;
    const all = [...this.known.values()].map(({ task }) => task);
    const fitting = all.filter((task) => state === undefined || task.state === state);
    return { tasks: fitting.slice(0, limit), next: fitting[limit]?.id ?? null };
  }
  async open(id: string) {
    if (this.fault !== null) throw this.fault;
    const found = this.known.get(id);
    if (found === undefined) throw new RequestError("not_found", "no such task");
    return found;
  }
  async keep(login: TaskLogin, task: NewTask) {
    const { host = "" } = login.connectionArgs as { host?: string };
    const view: TaskView = { ...task, site: null, host, driver: login.driver, expiresAt: NOON + 3_600_000 };
    this.known.set(task.id, { task: view, login });
    return view;
  }
  async mark(id: string, state: TaskState) {
    const found = this.known.get(id);
    if (found !== undefined) found.task = { ...found.task, state };
  }
  async forget(id: string) {
    this.known.delete(id);
  }
}

class MemoryDeliveries implements Deliveries {
  readonly known: Delivery[] = [];
  readonly replayed: [id: string, webhook: WebhookRequest | null][] = [];
  fault: Error | null = null;

  async list({ state, limit }: Parameters<Deliveries["list"]>[0]) {
    if (this.fault) throw this.fault;
    const fitting = this.known.filter((one) => state === undefined || one.state === state);
    return { deliveries: fitting.slice(0, limit), next: fitting[limit]?.jobId ?? null };
  }
  async get(id: string) {
    if (this.fault) throw this.fault;
    const found = this.known.find(({ jobId }) => deliveryOfJob(jobId) === id);
    if (found === undefined) throw new RequestError("not_found", "no such delivery");
    return found;
  }
  async replay(id: string, webhook: WebhookRequest | null) {
    this.replayed.push([id, webhook]);
    return { ...(await this.get(id)), state: "pending" as const };
  }
}

/** The queue in memory: as little of an engine as the edge can tell from the real one. */
export class MemoryEngine implements Engine {
  readonly all: Job[] = [];
  /** What queued jobs wait for, by id. */
  readonly waiting = new Map<string, Waiting>();
  readonly printed = new Map<string, CommandOutput[]>();
  readonly workerList: Worker[] = [];
  /** What `submit` was given. */
  readonly submitted: { request: ExecRequest; caller: Caller }[] = [];
  readonly tested: { request: TestRequest; caller: Caller }[] = [];
  /** What a test of a connection comes to. */
  onTest: (signal: AbortSignal) => Promise<JobView> = async () => ({
    job: anEndedJob({ command: [] }),
    outputs: [anOutput({ command: "", stdout: "core-1#", durationMs: 412 })],
    waiting: null,
  });
  /** What those who follow a job are told. */
  onFollow: (params: FollowParams) => AsyncGenerator<JobEvent, void> = async function* () {};
  readonly bulks: BulkRequest[] = [];
  readonly batches = new Map<string, Batch>();
  /** What `jobs` was asked for. */
  readonly queries: JobQuery[] = [];
  /** What `check` finds. */
  wrong: FieldError[] = [];
  report: () => Promise<HealthReport> = async () => HEALTHY;
  /** Called when a caller begins to wait for a job. */
  onWait: (signal: AbortSignal, waitMs: number) => Promise<void> = async () => {};
  /** Thrown by every method while it is set. */
  fault: unknown = null;

  add(job: Job, outputs: CommandOutput[] = []): Job {
    this.all.push(job);
    this.printed.set(job.id, outputs);
    return job;
  }

  /** What `runNow` was given, and what it comes to. */
  readonly ranNow: ExecRequest[] = [];
  onRunNow: (request: ExecRequest) => Promise<JobView> = async () => {
    throw new Error("this test runs nothing now");
  };
  readonly tasks = new MemoryTasks();
  readonly deliveries = new MemoryDeliveries();

  async runNow(request: ExecRequest): Promise<JobView> {
    this.#fail();
    this.ranNow.push(request);
    return await this.onRunNow(request);
  }

  /** What nodes have grants for, by their text. */
  readonly grants = new Map<string, FileGrant>();

  async fileGrant(text: string): Promise<FileGrant | null> {
    return this.grants.get(text) ?? null;
  }

  /** What a key is denied. */
  denied: FieldError[] = [];

  denies(): FieldError[] {
    return this.denied;
  }

  check(): FieldError[] {
    return this.wrong;
  }

  async submit(request: ExecRequest, caller: Caller): Promise<{ job: Job; duplicate: boolean }> {
    this.#fail();
    if (this.wrong.length > 0) throw new RequestError("invalid", "wrong fields", this.wrong);
    const before = this.submitted.findIndex(
      ({ request: { idempotencyKey } }) =>
        idempotencyKey !== undefined && idempotencyKey === request.idempotencyKey,
    );
    const first = this.all[before];
    if (first) return { job: first, duplicate: true };
    this.submitted.push({ request, caller });
    const text = "text" in request.operation ? request.operation.text : [];
    const list = typeof text === "string" ? [text] : text;
    const job = aJob({
      seq: this.all.length + 1,
      driver: request.driver,
      command: list.map((entry) => (typeof entry === "string" ? entry : entry.command)),
      retvalShape: typeof text === "string" ? "text" : "map",
    });
    return { job: this.add(job), duplicate: false };
  }

  async test(request: TestRequest, caller: Caller, signal: AbortSignal): Promise<JobView> {
    this.#fail();
    this.tested.push({ request, caller });
    return await this.onTest(signal);
  }

  /** Takes every entry that has its shape, as a batch of that many. */
  async submitBulk(bulk: BulkRequest, caller: Caller): Promise<BulkAnswer> {
    this.#fail();
    this.bulks.push(bulk);
    const answer: BulkAnswer = { batch: null, duplicate: false, jobs: [], refused: [], skipped: 0 };
    for (let place = 0; place < bulk.count; place++) {
      const { host, request, reason } = bulk.entry(place);
      if (request) answer.jobs.push((await this.submit(request, caller)).job);
      else answer.refused.push({ place, host, reason: reason ?? "" });
    }
    if (answer.jobs.length > 0) answer.batch = aBatch({ jobs: answer.jobs.length });
    return answer;
  }

  async batch(id: string): Promise<BatchView> {
    this.#fail();
    if (!this.batches.has(id)) throw new RequestError("not_found", "no such batch");
    const of = (status: JobStatus) =>
      this.all.filter((job) => job.batchId === id && job.status === status).length;
    // Safe: one entry for each status.
    const counts = Object.fromEntries(JOB_STATUSES.map((status) => [status, of(status)]));
    return { batch: this.batches.get(id) ?? aBatch(), counts: counts as BatchView["counts"] };
  }

  async cancelBatch(id: string): Promise<{ cancelled: string[] }> {
    await this.batch(id);
    return await this.cancelJobs({ batchId: id });
  }

  async retryBatch(
    { id, bulk, cancelled }: Parameters<Engine["retryBatch"]>[0],
    caller: Caller,
  ): Promise<BulkAnswer> {
    await this.batch(id);
    const answer = await this.submitBulk(bulk, caller);
    return { ...answer, skipped: cancelled ? 1 : 2 };
  }

  async job({ id, waitMs, outputs, signal }: Parameters<Engine["job"]>[0]): Promise<JobView> {
    this.#fail();
    if (waitMs > 0) await this.onWait(signal, waitMs);
    const job = this.all.find((one) => one.id === id);
    if (!job) throw new RequestError("not_found", "no such job");
    return this.#view(job, outputs);
  }

  async *follow(params: FollowParams): AsyncGenerator<JobEvent, void> {
    this.#fail();
    yield* this.onFollow(params);
  }

  /** What there is to read of each job, as one log. */
  readonly logs = new Map<string, OutputFrame[]>();

  /** A part holds one frame, and offsets count frames. */
  async output({ id, offset }: Parameters<Engine["output"]>[0]): Promise<OutputPart> {
    this.#fail();
    const frames = this.logs.get(id);
    if (frames === undefined) throw new RequestError("not_found", "no such job");
    const next = Math.min(offset + 1, frames.length);
    return { frames: frames.slice(offset, next), next, ended: next === frames.length };
  }

  async jobs(query: JobQuery): Promise<{ jobs: JobView[]; next: number | null }> {
    this.#fail();
    this.queries.push(query);
    const sign = query.order === "asc" ? 1 : -1;
    const rest = this.all
      .filter((job) => matches(job, query.filter))
      .filter((job) => query.after === undefined || sign * (job.seq - query.after) > 0)
      .sort((a, b) => sign * (a.seq - b.seq));
    const page = rest.slice(0, query.limit);
    const next = rest.length > page.length ? (page.at(-1)?.seq ?? null) : null;
    return { jobs: page.map((job) => this.#view(job, query.outputs)), next };
  }

  async cancelJob({ id, abort }: { id: string; abort: boolean }): Promise<{ cancelled: string[] }> {
    this.#fail();
    const job = this.all.find((one) => one.id === id);
    if (!job) throw new RequestError("not_found", "no such job");
    if (isFinal(job.status)) throw new RequestError("conflict", `the job has ended already: ${job.status}`);
    if (job.status === "started" && !abort) throw new RequestError("conflict", "the job has started");
    job.status = "cancelled";
    return { cancelled: [id] };
  }

  async cancelJobs(filter: JobFilter): Promise<{ cancelled: string[] }> {
    this.#fail();
    const hit = this.all.filter((job) => job.status === "queued" && matches(job, filter));
    for (const job of hit) job.status = "cancelled";
    return { cancelled: hit.map(({ id }) => id) };
  }

  async workers({ filter, limit, after }: Parameters<Engine["workers"]>[0]) {
    this.#fail();
    const rest = this.workerList
      .filter((worker) => workerMatches(worker, filter))
      .filter(({ name }) => after === undefined || name > after);
    const workers = rest.slice(0, limit);
    return { workers, next: rest.length > workers.length ? (workers.at(-1)?.name ?? null) : null };
  }

  async stopWorkers(filter: WorkerFilter): Promise<StoppedWorker[]> {
    const hit = this.#living(filter);
    for (const worker of hit) worker.status = "dead";
    return hit.map(({ name, currentJobs }) => ({
      worker: name,
      status: "stopped",
      interruptedJobs: currentJobs,
    }));
  }

  async suspendWorkers(filter: WorkerFilter, suspended: boolean): Promise<string[]> {
    const hit = this.#living(filter);
    for (const worker of hit) worker.status = suspended ? "suspended" : "idle";
    return hit.map(({ name }) => name);
  }

  async health(): Promise<HealthReport> {
    return await this.report();
  }

  #living(filter: WorkerFilter): Worker[] {
    this.#fail();
    const hit = this.workerList.filter((one) => one.status !== "dead" && workerMatches(one, filter));
    if (filter.name !== undefined && hit.length === 0)
      throw new RequestError("not_found", "no living worker of that name");
    return hit;
  }

  #view(job: Job, outputs: boolean): JobView {
    return {
      job,
      outputs: outputs ? (this.printed.get(job.id) ?? []) : null,
      waiting: this.waiting.get(job.id) ?? null,
    };
  }

  #fail(): void {
    if (this.fault !== null) throw this.fault;
  }
}

function matches(job: Job, { since, until, ...equal }: JobFilter): boolean {
  if (since !== undefined && job.createdAt < since) return false;
  if (until !== undefined && job.createdAt >= until) return false;
  return Object.entries(equal).every(([name, value]) => Reflect.get(job, name) === value);
}

function workerMatches(worker: Worker, filter: WorkerFilter): boolean {
  return Object.entries(filter).every(([name, value]) => Reflect.get(worker, name) === value);
}
