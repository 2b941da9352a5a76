import type { BenchQueue } from "../queue.ts";
import { Tally } from "../tally.ts";
import { countFor, mustHold, perSecond, range, type Scenario } from "./scenario.ts";

const PREFILL_CALL = 1_000;

/**
 * From a filled queue until the last result is stored, `atOnce` jobs at a time. The first tenth warms up: the
 * clock starts when its last result is stored. `bare`: without our engine.
 */
export function processFilled(atOnce: number, bare = false): Scenario {
  return {
    atOnce,
    bare,
    async run(queue, sizes) {
      const jobs = countFor(atOnce, sizes);
      const warm = jobs / 10;
      const total = warm + jobs;
      await fill(queue, total);
      const tally = new Tally(total);
      const worker = await (bare ? queue.bareWorker?.(atOnce, tally) : queue.worker(atOnce, tally));
      worker?.go();
      await tally.reached(warm);
      const began = performance.now();
      await tally.reached(total);
      const ms = performance.now() - began;
      tally.mustBeOnceEach();
      await mustHold(queue, { queued: 0, done: total });
      return { rate: perSecond(jobs, ms) };
    },
  };
}

async function fill(queue: BenchQueue, total: number): Promise<void> {
  for (let from = 0; from < total; from += PREFILL_CALL) {
    await queue.enqueueMany(range(from, Math.min(PREFILL_CALL, total - from)));
  }
  await mustHold(queue, { queued: total, done: 0 });
}
