import { useEffect, useState } from "preact/hooks";
import { Forbidden, type Health, type Netpulse, Unauthorized } from "../../../client/index.ts";
import { wakefulClock } from "../../../core/clock.ts";
import { type Point, pointsFromJobs, SPAN_S, STEP_S } from "./history.ts";
import { buckets, Metrics, quantile } from "./metrics.ts";

/** How the service is, and was since the page was opened. */
export interface Reading {
  health: Health;
  metrics: Metrics;
  points: readonly Point[];
}

/** What counters said at one moment. */
interface Counters {
  at: number;
  succeeded: number;
  failed: number;
  wait: Map<number, number>;
  run: Map<number, number>;
}

/** Nodes tell what they have counted with their heartbeats, every few seconds: rates are of this many readings. */
const WINDOW = 3;
const BACKFILL_JOBS = 1000;

/** Reads metrics again and again while somebody is signed in, whichever view is open. */
export class Telemetry {
  reading: Reading | null = null;
  error: unknown = null;
  readonly #api: Netpulse;
  readonly #refused: () => void;
  readonly #leaving = new AbortController();
  readonly #heard = new Set<() => void>();
  readonly #counters: Counters[] = [];
  #points: Point[] = [];

  constructor(api: Netpulse, refused: () => void) {
    this.#api = api;
    this.#refused = refused;
  }

  async start(): Promise<void> {
    await this.#lookBack();
    await this.#round();
  }

  stop(): void {
    this.#leaving.abort();
  }

  subscribe(heard: () => void): () => void {
    this.#heard.add(heard);
    return () => void this.#heard.delete(heard);
  }

  async #lookBack(): Promise<void> {
    const since = new Date(wakefulClock.now() - SPAN_S * 1000);
    const { signal } = this.#leaving;
    try {
      const { items } = await this.#api.jobs.list({ since, limit: BACKFILL_JOBS, result: false }, { signal });
      this.#points = pointsFromJobs(items, wakefulClock.now() / 1000);
    } catch {
      this.#points = []; // the first round says what is wrong
    }
  }

  async #round(): Promise<void> {
    const { signal } = this.#leaving;
    if (signal.aborted) return;
    try {
      if (!document.hidden || this.reading === null) await this.#read(signal);
      this.error = null;
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Unauthorized) return this.#refused();
      this.error = error;
    }
    for (const heard of this.#heard) heard();
    // A key that may not read will not come to it by asking.
    if (!(this.error instanceof Forbidden)) wakefulClock.after(STEP_S * 1000, () => this.#round());
  }

  async #read(signal: AbortSignal): Promise<void> {
    const [health, text] = await Promise.all([
      this.#api.system.health({ signal }),
      this.#api.system.metrics({ signal }),
    ]);
    const metrics = new Metrics(text);
    this.#add(metrics);
    this.reading = { health, metrics, points: this.#points };
  }

  #add(metrics: Metrics): void {
    const now = countersOf(metrics, wakefulClock.now() / 1000);
    this.#counters.push(now);
    if (this.#counters.length > WINDOW + 1) this.#counters.shift();
    const [before] = this.#counters;
    const since = now.at - SPAN_S;
    const kept = this.#points.filter(({ at }) => at >= since);
    if (before === undefined || before === now) return;
    this.#points = [...kept, pointBetween(before, now, metrics)];
  }
}

function countersOf(metrics: Metrics, at: number): Counters {
  const ended = metrics.by("netpulse_job_duration_seconds_count", "result");
  const of = (...results: string[]) => results.reduce((sum, result) => sum + (ended.get(result) ?? 0), 0);
  return {
    at,
    succeeded: of("success"),
    failed: of("failed", "stopped", "timeout"),
    wait: buckets(metrics, "netpulse_job_wait_seconds"),
    run: buckets(metrics, "netpulse_job_duration_seconds"),
  };
}

/** Counters of a node that started anew fall, which is no job less. */
function pointBetween(before: Counters, now: Counters, metrics: Metrics): Point {
  const seconds = Math.max(1, now.at - before.at);
  return {
    at: now.at,
    succeeded: Math.max(0, now.succeeded - before.succeeded) / seconds,
    failed: Math.max(0, now.failed - before.failed) / seconds,
    fifo: metrics.sum("netpulse_queue_depth", { kind: "fifo" }),
    pinned: metrics.sum("netpulse_queue_depth", { kind: "pinned" }),
    waitP50: quantile(0.5, now.wait, before.wait),
    waitP95: quantile(0.95, now.wait, before.wait),
    runP50: quantile(0.5, now.run, before.run),
    runP95: quantile(0.95, now.run, before.run),
  };
}

/** The view is drawn anew with each reading. */
export function useTelemetry(telemetry: Telemetry): Pick<Telemetry, "reading" | "error"> {
  const [, setRound] = useState(0);
  useEffect(() => {
    const draw = () => setRound((round) => round + 1);
    draw(); // there may have been one since this was drawn
    return telemetry.subscribe(draw);
  }, [telemetry]);
  return telemetry;
}
