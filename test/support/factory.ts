import { idSource } from "../../src/core/ids.ts";
import { FIFO_QUEUE, type Job, type JobError, type JobStatus, type RunToken } from "../../src/core/job.ts";
import { shardOf } from "../../src/core/shards.ts";
import {
  type Claim,
  failed,
  type NewJob,
  type NewWorker,
  type NodeRecord,
  type RunOutcome,
  type SettleOutcome,
  type Storage,
  succeeded,
  type WorkerStatus,
} from "../../src/storage/storage.ts";

/** The moment at which everything the factory makes happens, unless told otherwise. */
export const T0 = Date.UTC(2024, 0, 1, 12);
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

export const DEVICE_AWAY: JobError = {
  type: "ConnectionError",
  message: "no route to host",
  retryable: true,
};
export const LOST: JobError = { type: "WorkerLost", message: "its node went away", retryable: true };
export const EXPIRED: JobError = { type: "JobExpired", message: "it waited too long", retryable: true };

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (data: Uint8Array): string => new TextDecoder().decode(data);

/** A job in some status, with the token of its last run if it ever ran. */
export interface Made {
  id: string;
  token: RunToken | null;
}

/**
 * Brings jobs, nodes and workers into any state, through the storage seam only: what it makes could have come
 * about in the product, on every backend.
 */
export class Factory {
  readonly #storage: Storage;
  readonly #ids = idSource({ now: () => T0, monotonic: () => 0, after: () => ({ cancel() {} }) });
  #count = 0;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** A name nobody has used yet. */
  name(prefix: string): string {
    this.#count += 1;
    return `${prefix}-${this.#count}`;
  }

  op(): string {
    return this.#ids.next("op");
  }

  /** A job to enqueue: FIFO, at once, at most once, kept for an hour. */
  newJob(given: Partial<NewJob> = {}): NewJob {
    const { queue = FIFO_QUEUE } = given;
    return {
      id: this.#ids.job(shardOf(queue, this.#storage.info.shards)),
      queue,
      sealed: bytes("sealed operation"),
      driver: "cli",
      host: "10.0.0.1",
      site: null,
      batchId: null,
      command: ["show version"],
      retvalShape: "text",
      priority: 0,
      lane: "alice",
      runAt: null,
      ttlMs: null,
      resultTtlMs: HOUR,
      executionTimeoutMs: MINUTE,
      retries: 0,
      createdAt: T0,
      idempotency: null,
      ...given,
    };
  }

  /** Enqueues one job. */
  async queued(given: Partial<NewJob> = {}, now = T0): Promise<Job> {
    const [job] = await this.queuedAll([given], now);
    if (!job) throw new Error("the job was not stored");
    return job;
  }

  /** Enqueues jobs in one call. */
  async queuedAll(given: Partial<NewJob>[], now = T0): Promise<Job[]> {
    const result = await this.#storage.enqueue({ jobs: given.map((each) => this.newJob(each)), now });
    if (result.outcome !== "stored") throw new Error(`enqueue: ${result.outcome}`);
    return result.jobs;
  }

  async node(given: Partial<NodeRecord> = {}, now = T0): Promise<NodeRecord> {
    const node = {
      name: this.name("node"),
      incarnation: this.name("incarnation"),
      hostname: "machine",
      pid: 100,
      capacity: 1_000,
      sites: [null],
      ...given,
    };
    await this.#storage.registerNode({ node, now });
    return node;
  }

  /** A worker for a queue, on a node of its own unless one is given. */
  async worker(
    given: Partial<NewWorker> = {},
    on?: Pick<NodeRecord, "name" | "incarnation">,
  ): Promise<NewWorker> {
    const node = on ?? (await this.node());
    const queue = given.queue ?? FIFO_QUEUE;
    const worker: NewWorker = {
      name: this.name("worker"),
      node: node.name,
      incarnation: node.incarnation,
      kind: queue === FIFO_QUEUE ? "fifo" : "pinned",
      queue,
      hostname: "machine",
      pid: 200,
      host: null,
      site: null,
      ...given,
    };
    const added = await this.#storage.addWorker({ worker, now: T0 });
    if (added.outcome !== "added") throw new Error(`addWorker: ${added.outcome}`);
    return worker;
  }

  /** What the worker is given when it asks its queue for work. */
  async claim(worker: NewWorker, now = T0): Promise<Claim | null> {
    const { node, incarnation, name, queue } = worker;
    const requests = [{ worker: name, queue }];
    const [claim] = await this.#storage.claim({ op: this.op(), node, incarnation, requests, now });
    return claim ?? null;
  }

  /** The same, where the test is wrong when there is nothing. */
  async mustClaim(worker: NewWorker, now = T0): Promise<Claim> {
    const claim = await this.claim(worker, now);
    if (!claim) throw new Error(`${worker.name} was given nothing`);
    return claim;
  }

  /** A started job in a queue of its own, so that it is the one that the worker gets. */
  async started(given: Partial<NewJob> = {}, worker?: NewWorker, now = T0): Promise<Claim> {
    const queue = given.queue ?? worker?.queue ?? this.name("queue");
    await this.queued({ ...given, queue }, now);
    return this.mustClaim(worker ?? (await this.worker({ queue, kind: "fifo" })), now);
  }

  async settle(
    token: RunToken,
    outcome: RunOutcome,
    { now = T0, tail = "", tailOffset = 0 }: { now?: number; tail?: string; tailOffset?: number } = {},
  ): Promise<SettleOutcome> {
    const settlements = [{ token, outcome, tail: bytes(tail), tailOffset }];
    const [settled] = await this.#storage.settle({ settlements, now });
    if (!settled) throw new Error("settle gave no answer");
    return settled;
  }

  /** A job in the given status, ended (if it has) at `now`. */
  async inStatus(status: JobStatus, given: Partial<NewJob> = {}, now = T0): Promise<Made> {
    if (status === "queued" || status === "cancelled") {
      const { id } = await this.queued(given, now);
      if (status === "cancelled") await this.#storage.cancel({ op: this.op(), id, abort: false, now });
      return { id, token: null };
    }
    const { token } = await this.started(given, undefined, now);
    if (status === "finished") await this.settle(token, succeeded(), { now });
    if (status === "failed") await this.settle(token, failed(DEVICE_AWAY), { now });
    return { id: token.id, token };
  }

  /** A worker as the list shows it in the given status. */
  async workerIn(status: WorkerStatus, given: Partial<NewWorker> = {}): Promise<NewWorker> {
    const worker = await this.worker(given);
    const { name } = worker;
    if (status === "busy") await this.started({}, worker);
    if (status === "suspended") await this.#storage.suspendWorkers({ filter: { name }, suspended: true });
    if (status === "dead") await this.#storage.endWorker({ name, as: "dead", now: T0 });
    return worker;
  }
}
