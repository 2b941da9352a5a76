import type { BenchQueue, Store } from "../queue.ts";

/** Names of figures → values. */
export type Figures = Record<string, number>;

export interface Sizes {
  /** Jobs of a timed run, half of them where they come one by one; a multiple of 20. */
  jobs: number;
  /** Jobs of one bulk call; a multiple of 10. */
  bulk: number;
  /** Jobs queued when memory is read; a multiple of `bulk`. */
  stored: number;
  /** Single jobs on an idle queue. */
  singles: number;
}

/** What is measured in one process, on one fresh store. */
export interface Scenario {
  /** How many jobs run at once at most. */
  atOnce: number;
  /** Needs the store without the engine: ours only. */
  bare?: boolean;
  /** A second run would say the same. */
  once?: boolean;
  /** Throws when a job was lost or ran twice: then there is no figure. */
  run(queue: BenchQueue, sizes: Sizes, store: Store): Promise<Figures>;
}

/** Of those that enqueue only: what they fill is laid out for many at once. */
export const MANY_AT_ONCE = 100;

/** One job at a time takes long enough with half of them. */
export function countFor(atOnce: number, { jobs }: Sizes): number {
  return atOnce === 1 ? jobs / 2 : jobs;
}

export function range(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => from + i);
}

export function perSecond(jobs: number, ms: number): number {
  return (jobs / ms) * 1000;
}

export async function mustHold(queue: BenchQueue, expected: { queued: number; done: number }): Promise<void> {
  const { queued, done } = await queue.counts();
  if (queued === expected.queued && done === expected.done) return;
  const found = `${queued} queued and ${done} done`;
  throw new Error(`the store holds ${found}, not ${expected.queued} and ${expected.done}`);
}
