import type { BenchQueue } from "../queue.ts";
import { countFor, MANY_AT_ONCE, mustHold, perSecond, range, type Scenario } from "./scenario.ts";

const BULK_CALLS = 3;

/** One producer that keeps `inFlight` calls open. The first tenth warms up and is not timed. */
export function enqueue(inFlight: number): Scenario {
  return {
    atOnce: MANY_AT_ONCE,
    async run(queue, sizes) {
      const jobs = countFor(inFlight, sizes);
      const warm = jobs / 10;
      await produce(queue, range(0, warm), inFlight);
      const began = performance.now();
      await produce(queue, range(warm, jobs), inFlight);
      const ms = performance.now() - began;
      await mustHold(queue, { queued: warm + jobs, done: 0 });
      return { rate: perSecond(jobs, ms) };
    },
  };
}

async function produce(queue: BenchQueue, numbers: number[], inFlight: number): Promise<void> {
  const left = numbers.values();
  const one = async () => {
    for (const n of left) await queue.enqueue(n);
  };
  await Promise.all(Array.from({ length: inFlight }, one));
}

/** Bulk calls one after the other, the first one of a tenth of the size and not timed. */
export const enqueueBulk: Scenario = {
  atOnce: MANY_AT_ONCE,
  async run(queue, { bulk }) {
    const warm = bulk / 10;
    await queue.enqueueMany(range(0, warm));
    const began = performance.now();
    for (let call = 0; call < BULK_CALLS; call++) await queue.enqueueMany(range(warm + call * bulk, bulk));
    const ms = performance.now() - began;
    await mustHold(queue, { queued: warm + BULK_CALLS * bulk, done: 0 });
    return { rate: perSecond(BULK_CALLS * bulk, ms) };
  },
};
