import type { Clock } from "../../../src/core/clock.ts";
import { pinnedQueue } from "../../../src/core/device.ts";
import { idSource } from "../../../src/core/ids.ts";
import { FIFO_QUEUE } from "../../../src/core/job.ts";
import { shardOf } from "../../../src/core/shards.ts";
import type { NewJob } from "../../../src/storage/storage.ts";
import { HOUR, MINUTE } from "../factory.ts";

/** How a stored job ends up. */
export type Fate = "finished" | "failed" | "cancelled" | "queued";

export interface Planned {
  job: NewJob;
  fate: Fate;
}

/** A host with half of all jobs, every one of them finished. */
export const BIG_HOST = "10.99.0.1";
export const NODES = ["node-1", "node-2", "node-3", "node-4"];
export const HOSTS = 200;
export const BATCH_SIZE = 100;
/** Over how long their creation is spread, up to now. */
export const SPREAD_MS = 20 * HOUR;

const SEALED = new Uint8Array(300).fill(7);
const SSH = 22;

export function hostName(n: number): string {
  return `10.98.${Math.floor(n / 250)}.${(n % 250) + 1}`;
}

export function queueOf(host: string): string {
  return pinnedQueue({ host, port: SSH, site: null }, SSH);
}

/**
 * A stock like that of a busy site: one host with half of the jobs, 200 others, of whose jobs every tenth failed;
 * three drivers, shared and pinned queues, batches of a hundred; some cancelled, some waiting for tomorrow.
 */
export class Stock {
  readonly #total: number;
  readonly #shards: number;
  readonly #began: number;
  readonly #ids;
  #made = 0;
  #batch = "";
  #now: number;

  constructor({ total, shards, now }: { total: number; shards: number; now: number }) {
    this.#total = total;
    this.#shards = shards;
    this.#began = now - SPREAD_MS;
    this.#now = this.#began;
    const clock: Clock = { now: () => this.#now, monotonic: () => 0, after: () => ({ cancel() {} }) };
    this.#ids = idSource(clock);
  }

  get left(): number {
    return this.#total - this.#made;
  }

  /** When what was made last came in. */
  get now(): number {
    return this.#now;
  }

  /** The last batch. */
  get batch(): string {
    return this.#batch;
  }

  next(): Planned {
    const n = this.#made++;
    this.#now = this.#began + Math.floor((n / this.#total) * SPREAD_MS);
    const big = n % 2 === 0;
    const host = big ? BIG_HOST : hostName(((n - 1) / 2) % HOSTS);
    const fate = big ? "finished" : fateOf((n - 1) / 2);
    const pinned = !big && ((n - 1) / 2) % 4 === 0;
    return { job: this.#job({ n, host, fate, queue: pinned ? queueOf(host) : FIFO_QUEUE }), fate };
  }

  #job({ n, host, fate, queue }: { n: number; host: string; fate: Fate; queue: string }): NewJob {
    const batched = n % 10 === 3;
    if (batched && Math.floor(n / 10) % BATCH_SIZE === 0) this.#batch = this.#ids.next("batch");
    return {
      id: this.#ids.job(shardOf(queue, this.#shards)),
      queue,
      sealed: SEALED,
      driver: n % 6 === 5 ? "paramiko" : n % 20 === 9 ? "pyeapi" : "netmiko",
      host,
      site: null,
      batchId: batched ? this.#batch : null,
      command: ["show version"],
      retvalShape: "text",
      priority: 0,
      lane: batched ? this.#batch : `caller-${n % 5}`,
      // Tomorrow: nobody tries to reach a host that is not there.
      runAt: fate === "queued" ? this.#began + SPREAD_MS + 24 * HOUR : null,
      ttlMs: null,
      resultTtlMs: 30 * 24 * HOUR,
      executionTimeoutMs: MINUTE,
      retries: 0,
      createdAt: this.#now,
      idempotency: null,
    };
  }
}

/** Of every hundred: ten failed, two cancelled, one waiting; in no order that a worker could be in step with. */
function fateOf(n: number): Fate {
  const share = (n * 37 + Math.floor(n / 100) * 13) % 100;
  if (share < 10) return "failed";
  if (share < 12) return "cancelled";
  return share === 12 ? "queued" : "finished";
}
