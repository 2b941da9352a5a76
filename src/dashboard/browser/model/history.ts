import type { Job } from "../../../client/index.ts";

/** What the charts show of one moment. */
export interface Point {
  /** Unix time, seconds. */
  at: number;
  /** Jobs a second. */
  succeeded: number;
  failed: number;
  /** Jobs that wait; null where nobody looked. */
  fifo: number | null;
  pinned: number | null;
  /** Seconds; null where nothing ended. */
  waitP50: number | null;
  waitP95: number | null;
  runP50: number | null;
  runP95: number | null;
}

export const STEP_S = 5;
/** A quarter of an hour. */
export const SPAN_S = 900;

const COARSE_S = 15;

/**
 * What was before anybody looked, made of the latest jobs: those that ended, and how long they took. Goes no further back
 * than the jobs do.
 */
export function pointsFromJobs(jobs: readonly Job[], now: number): Point[] {
  const ended = jobs.filter(({ ended_at, status }) => ended_at !== null && status !== "cancelled");
  const oldest = Math.min(...jobs.map(({ created_at }) => Date.parse(created_at) / 1000));
  if (!Number.isFinite(oldest)) return [];
  const first = Math.ceil(Math.max(oldest, now - SPAN_S) / COARSE_S) * COARSE_S;
  const steps = Math.max(0, Math.floor((now - first) / COARSE_S));
  return Array.from({ length: steps }, (_none, step) => {
    const at = first + (step + 1) * COARSE_S;
    return pointOf(
      at,
      ended.filter(({ ended_at }) => isWithin(ended_at, at - COARSE_S, at)),
    );
  });
}

function isWithin(iso: string | null, from: number, to: number): boolean {
  const at = Date.parse(iso ?? "") / 1000;
  return at >= from && at < to;
}

function pointOf(at: number, ended: readonly Job[]): Point {
  const failed = ended.filter(({ status }) => status === "failed").length;
  const waits = numbersOf(ended.map(({ queue_time }) => queue_time));
  const runs = numbersOf(ended.map(({ duration }) => duration));
  return {
    at,
    succeeded: (ended.length - failed) / COARSE_S,
    failed: failed / COARSE_S,
    fifo: null,
    pinned: null,
    waitP50: rank(waits, 0.5),
    waitP95: rank(waits, 0.95),
    runP50: rank(runs, 0.5),
    runP95: rank(runs, 0.95),
  };
}

function numbersOf(values: (number | null)[]): number[] {
  return values.filter((value) => value !== null).sort((a, b) => a - b);
}

function rank(sorted: readonly number[], q: number): number | null {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? null;
}
