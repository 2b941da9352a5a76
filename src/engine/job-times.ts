import { isPinnedQueue, type ResultType } from "../core/job.ts";
import type { Histograms, JobTimesReport } from "../core/node-report.ts";
import type { Claim, RunOutcome } from "../storage/storage.ts";

/**
 * Seconds. From what a warm session answers in to beyond 300, the default of both `ttl` and `execution_timeout`. Each is
 * two to three times the one before: a quantile read from them is off by less than that.
 */
const BOUNDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800];

/** Spellings of drivers that have histograms of their own; there are a handful, and each costs bytes in every heartbeat. */
const MOST_DRIVERS = 12;
const OTHER_DRIVERS = "other";

/** How long the runs of a node waited and took, for metrics. */
export class JobTimes {
  readonly #waits = new ByDriver();
  readonly #durations = new ByDriver();

  /** The run has begun, and will not be handed back. Both moments are by the store's clock. */
  waited({ job, readyAt }: Claim): void {
    const kind = isPinnedQueue(job.queue) ? "pinned" : "fifo";
    this.#waits.observe(job.driver, kind, (job.startedAt ?? readyAt) - readyAt);
  }

  /** The run is over, and the store has taken it. */
  took({ job }: Claim, ms: number, outcome: RunOutcome): void {
    const result = resultOf(outcome);
    if (result !== null) this.#durations.observe(job.driver, result, ms);
  }

  report(): JobTimesReport {
    return { bounds: BOUNDS, waits: this.#waits.report(), durations: this.#durations.report() };
  }
}

/** What became of the job; null where nothing of the run had begun. */
function resultOf(outcome: RunOutcome): ResultType | "retried" | null {
  switch (outcome.kind) {
    case "succeeded":
    case "failed":
      return outcome.result.type;
    case "retry":
      return "retried";
    case "released":
      return null;
  }
}

interface Counts {
  sumMs: number;
  /** The last one is for what is above all bounds. */
  buckets: number[];
}

class ByDriver {
  readonly #drivers = new Map<string, Map<string, Counts>>();

  observe(driver: string, label: string, ms: number): void {
    const counts = this.#of(driver, label);
    // A clock that was set back makes no time negative.
    const time = Math.max(0, ms);
    const bucket = BOUNDS.findIndex((bound) => time <= bound * 1000);
    const at = bucket < 0 ? BOUNDS.length : bucket;
    counts.sumMs += time;
    counts.buckets[at] = (counts.buckets[at] ?? 0) + 1;
  }

  report(): Histograms {
    return Object.fromEntries(
      [...this.#drivers].map(([driver, labels]) => [
        driver,
        Object.fromEntries([...labels].map(([label, counts]) => [label, inBrief(counts)])),
      ]),
    );
  }

  #of(driver: string, label: string): Counts {
    const known = this.#drivers.has(driver) || this.#drivers.size < MOST_DRIVERS;
    const name = known ? driver : OTHER_DRIVERS;
    const labels = this.#drivers.get(name) ?? new Map<string, Counts>();
    this.#drivers.set(name, labels);
    const counts = labels.get(label) ?? { sumMs: 0, buckets: [] };
    labels.set(label, counts);
    return counts;
  }
}

function inBrief({ sumMs, buckets }: Counts): number[] {
  return [Math.round(sumMs) / 1000, ...Array.from(buckets, (count = 0) => count)];
}
