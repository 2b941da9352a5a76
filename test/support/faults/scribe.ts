import { systemClock } from "../../../src/core/clock.ts";
import { StorageError } from "../../../src/core/errors.ts";
import { type IdSource, idSource } from "../../../src/core/ids.ts";
import { isPinnedQueue, type RunToken } from "../../../src/core/job.ts";
import { shardOf } from "../../../src/core/shards.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import {
  type Answers,
  type Call,
  type CallOf,
  type Ending,
  type JobSpec,
  make,
  type SettleSpec,
} from "./calls.ts";
import type { Journal } from "./journal.ts";
import type { Random } from "./random.ts";

/** Every queue that a scribe fills: shared ones and, one job at a time, pinned ones. */
export const QUEUES = ["FifoQ", "pinned_10.0.0.1", "pinned_10.0.0.2", "pinned_10.0.0.3", "pinned_10.0.0.4"];
const FIFO_WORKERS = 4;
/** Above so many jobs that have not ended, it makes one at a time. */
const BACKLOG = 300;
/** Recent jobs and batches that may be cancelled. */
const RECENT = 200;

export interface ScribeOptions {
  storage: Storage;
  journal: Journal;
  random: Random;
  /** Unique among those that write to the store at the same time. */
  node: string;
  /**
   * A call that the store could not answer: resolves when it should be made again. Absent: the scribe ends with
   * the error.
   */
  again?: (error: StorageError) => Promise<void>;
  /** Called after each answer that was written down. */
  onTold?: () => void;
}

interface Slot {
  name: string;
  queue: string;
  busy: boolean;
}

/**
 * Uses a store as the product does, everything at once and without a pause: enqueues in batches, claims for many
 * workers, appends output, settles in batches every way there is, cancels one and many, keeps its leases alive.
 * Writes down each call before it is made and each answer when it is there.
 */
export class Scribe {
  readonly #options: ScribeOptions;
  readonly #ids: IdSource = idSource(systemClock);
  readonly #incarnation: string;
  readonly #slots: Slot[] = [];
  readonly #runs = new Map<string, RunToken>();
  readonly #recentJobs: string[] = [];
  readonly #recentBatches: string[] = [];
  #settlements: { spec: SettleSpec; done: () => void }[] = [];
  #calls = 0;
  #backlog = 0;
  #stopped = false;
  /** A claim may be on its way, and bring runs. */
  #claims = true;
  readonly #failure = Promise.withResolvers<never>();

  constructor(options: ScribeOptions) {
    this.#options = options;
    this.#incarnation = this.#ids.next("inc");
  }

  get incarnation(): string {
    return this.#incarnation;
  }

  /** Registers a node with a worker for every queue, then writes until {@link stop}. Rejects with what went wrong. */
  async run(): Promise<void> {
    await this.#register();
    const loops = [
      this.#produce(),
      this.#produce(),
      this.#dispatch(),
      this.#settle(),
      this.#cancel(),
      this.#beat(),
    ];
    await Promise.race([Promise.all(loops), this.#failure.promise]);
  }

  /** Begins nothing new; {@link run} resolves when everything asked was answered and every run is settled. */
  stop(): void {
    this.#stopped = true;
  }

  async #register(): Promise<void> {
    const { node: name } = this.#options;
    const node = {
      name,
      incarnation: this.#incarnation,
      hostname: "machine",
      pid: 1,
      capacity: 100,
      sites: [null],
    };
    await this.#repeated(() => this.#options.storage.registerNode({ node }));
    for (const queue of QUEUES) {
      const many = isPinnedQueue(queue) ? 1 : FIFO_WORKERS;
      for (let n = 0; n < many; n++) await this.#addWorker(queue);
    }
  }

  async #addWorker(queue: string): Promise<void> {
    const name = this.#ids.worker();
    const kind = isPinnedQueue(queue) ? "pinned" : "fifo";
    const place = { node: this.#options.node, incarnation: this.#incarnation, hostname: "machine", pid: 1 };
    const worker = { name, kind, queue, ...place, host: null, site: null } as const;
    const { outcome } = await this.#repeated(() => this.#options.storage.addWorker({ worker }));
    if (outcome !== "added") throw new Error(`addWorker for ${queue}: ${outcome}`);
    this.#slots.push({ name, queue, busy: false });
  }

  async #produce(): Promise<void> {
    const { random } = this.#options;
    while (!this.#stopped) {
      const size = this.#backlog > BACKLOG ? 1 : random.pick([1, 1, 2, 5, 20, 60]);
      const batchId = size > 1 && random.chance(0.5) ? this.#ids.next("batch") : null;
      const jobs = Array.from({ length: size }, () => this.#spec(batchId));
      this.#backlog += size;
      await this.#ask({ kind: "enqueue", jobs });
      if (batchId) remember(this.#recentBatches, batchId);
      for (const { id } of jobs.slice(0, 3)) remember(this.#recentJobs, id);
      if (this.#backlog > BACKLOG) await nextTurn();
    }
  }

  #spec(batchId: string | null): JobSpec {
    const { random, storage } = this.#options;
    const queue = random.pick(QUEUES);
    return {
      id: this.#ids.job(shardOf(queue, storage.info.shards)),
      queue,
      retries: random.chance(0.7) ? 0 : random.whole(1, 3),
      batchId,
      lane: random.pick(["alice", "bob", "carol"]),
      createdAt: Date.now(),
      delayMs: random.chance(0.1) ? random.whole(1, 30) : 0,
    };
  }

  async #dispatch(): Promise<void> {
    const { node } = this.#options;
    while (!this.#stopped) {
      const free = this.#slots.filter((slot) => !slot.busy);
      const requests = free.map(({ name, queue }) => ({ worker: name, queue }));
      const op = this.#ids.next("op");
      const claims =
        requests.length === 0
          ? []
          : await this.#ask({ kind: "claim", op, node, incarnation: this.#incarnation, requests });
      for (const { token, worker } of claims) this.#begin(token, worker);
      if (claims.length === 0) await nextTurn();
    }
    this.#claims = false;
  }

  #begin(token: RunToken, worker: string): void {
    const slot = this.#slots.find(({ name }) => name === worker);
    if (!slot) throw new Error(`claimed for a worker that is not ours: ${worker}`);
    slot.busy = true;
    const key = `${token.id}#${token.run}`;
    this.#runs.set(key, token);
    this.#execute(token).then(
      () => {
        slot.busy = false;
        this.#runs.delete(key);
      },
      (error) => this.#failure.reject(error),
    );
  }

  /** Runs a job: output in pieces, then its settlement, which others' may join. */
  async #execute(token: RunToken): Promise<void> {
    const { random } = this.#options;
    let offset = 0;
    for (let n = random.whole(0, 3); n > 0; n--) {
      const text = `${token.id}/${token.run}: line ${n}\n`;
      const outcome = await this.#ask({ kind: "append", token, offset, text });
      if (outcome === "lost") throw new Error(`a healthy run was lost: ${JSON.stringify(token)}`);
      offset += text.length;
    }
    const ending = random.pick<Ending>(["succeed", "succeed", "succeed", "fail", "retry", "release"]);
    const tail = random.chance(0.7) ? `${token.id}/${token.run}: the end\n` : "";
    await new Promise<void>((done) => {
      this.#settlements.push({ spec: { token, offset, tail, ending }, done });
    });
    if (ending === "succeed" || ending === "fail") this.#backlog -= 1;
  }

  async #settle(): Promise<void> {
    while (!this.#over) {
      const batch = this.#settlements.splice(0);
      if (batch.length === 0) {
        await nextTurn();
        continue;
      }
      const outcomes = await this.#ask({ kind: "settle", settlements: batch.map(({ spec }) => spec) });
      for (const [n, outcome] of outcomes.entries()) {
        if (outcome === "lost") throw new Error(`a healthy run was lost: ${JSON.stringify(batch[n]?.spec)}`);
        batch[n]?.done();
      }
    }
  }

  async #cancel(): Promise<void> {
    const { random } = this.#options;
    while (!this.#stopped) {
      const op = this.#ids.next("op");
      const many = random.chance(0.2);
      const recent = many ? this.#recentBatches : this.#recentJobs;
      if (recent.length === 0) {
        await nextTurn();
        continue;
      }
      const target = random.pick(recent);
      if (many) this.#backlog -= (await this.#ask({ kind: "cancelQueued", op, batchId: target })).length;
      else {
        const { outcome } = await this.#ask({ kind: "cancel", op, id: target, abort: random.chance(0.3) });
        if (outcome === "cancelled") this.#backlog -= 1;
      }
    }
  }

  async #beat(): Promise<void> {
    const { storage, node } = this.#options;
    const idle = { workers: [], hostMemory: {} };
    while (!this.#over) {
      const runs = [...this.#runs.values()];
      const pulse = { node, incarnation: this.#incarnation, runs, ...idle };
      const answer = await this.#repeated(() => storage.heartbeat(pulse));
      if (!answer.known) throw new Error("the node was declared lost while it lived");
      for (let turn = 0; turn < 50 && !this.#over; turn++) await nextTurn();
    }
  }

  /** Makes a call, written down before and after. */
  async #ask<K extends Call["kind"]>(call: CallOf<K>): Promise<Answers[K]> {
    const { journal, storage, onTold } = this.#options;
    const n = this.#calls++;
    journal.asked(n, call);
    const answer = await this.#repeated(() => make<K>(storage, call));
    journal.told(n, answer);
    onTold?.();
    return answer;
  }

  async #repeated<T>(call: () => Promise<T>): Promise<T> {
    const { again } = this.#options;
    for (;;) {
      try {
        return await call();
      } catch (error) {
        if (!again || !(error instanceof StorageError) || error.kind !== "unavailable") throw error;
        await again(error);
      }
    }
  }

  get #over(): boolean {
    return this.#stopped && !this.#claims && this.#runs.size === 0;
  }
}

function remember(list: string[], item: string): void {
  list.push(item);
  if (list.length > RECENT) list.shift();
}

/** Lets everything else that is ready run first. */
function nextTurn(): Promise<void> {
  return new Promise((resume) => setImmediate(resume));
}
