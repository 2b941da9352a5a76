/** Where a contestant keeps its jobs: fresh and empty for every measurement. */
export interface Store {
  /** An empty folder for files. */
  dir: string;
  /** The port of a Redis on 127.0.0.1; null for what keeps its jobs in files. */
  redisPort: number | null;
  /** How many jobs will run at once at most, for a queue whose layout depends on it. */
  atOnce: number;
}

export interface WorkerEvents {
  /** The handler was called with this job. */
  started(n: number): void;
  /** A job's result is stored, by the contestant's own account. */
  done(): void;
  failed(error: unknown): void;
}

export interface BenchWorker {
  /** Takes jobs from now on. */
  go(): void;
}

/** A job queue as the scenarios use it. Jobs are numbered from 0 and carry {@link payload}. */
export interface BenchQueue {
  enqueue(n: number): Promise<unknown>;
  /** With one bulk call, if there is such a thing. */
  enqueueMany(numbers: number[]): Promise<unknown>;
  /** A worker on a connection of its own, ready to take `atOnce` jobs at a time. */
  worker(atOnce: number, events: WorkerEvents): Promise<BenchWorker>;
  /** The store without the engine above it: takes and ends so many jobs in a call. Ours only. */
  bareWorker?(atOnce: number, events: WorkerEvents): Promise<BenchWorker>;
  /** What the store holds, asked of the store. */
  counts(): Promise<{ queued: number; done: number }>;
}

export interface Payload {
  n: number;
  text: string;
}

export const PAYLOAD_BYTES = 200;

/** 200 bytes of JSON. */
export function payload(n: number): Payload {
  const empty = JSON.stringify({ n, text: "" }).length;
  return { n, text: "x".repeat(PAYLOAD_BYTES - empty) };
}

/** What every handler answers where results are kept. */
export const RESULT = "ok";
