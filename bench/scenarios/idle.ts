import type { BenchQueue } from "../queue.ts";
import { Tally } from "../tally.ts";
import { mustHold, type Scenario } from "./scenario.ts";

/** What a worker gets to begin waiting again. */
const PAUSE_MS = 5;
const WARM_UP = 20;

/** From the enqueue call of one job to the call of its handler, the worker waiting, nothing else queued. */
export const idle: Scenario = {
  atOnce: 1,
  async run(queue, { singles }) {
    const total = WARM_UP + singles;
    const times = await oneByOne(queue, total);
    await mustHold(queue, { queued: 0, done: total });
    const sorted = times.slice(WARM_UP).sort((a, b) => a - b);
    return { p50: at(sorted, 0.5), p99: at(sorted, 0.99) };
  },
};

async function oneByOne(queue: BenchQueue, total: number): Promise<number[]> {
  const tally = new Tally(total);
  let startedAt = 0;
  tally.onStart(() => {
    startedAt = performance.now();
  });
  const worker = await queue.worker(1, tally);
  worker.go();
  const times: number[] = [];
  for (let n = 0; n < total; n++) {
    await Bun.sleep(PAUSE_MS);
    const enqueuedAt = performance.now();
    await Promise.all([queue.enqueue(n), tally.reached(n + 1)]);
    times.push(startedAt - enqueuedAt);
  }
  tally.mustBeOnceEach();
  return times;
}

function at(sorted: number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
