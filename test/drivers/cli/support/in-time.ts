import type { FakeClock } from "../../../support/clock.ts";
import type { ReplayDevice } from "../../../support/replay.ts";

const STEP_MS = 250;
const MAX_STEPS = 4000;

/** Moves the clock on until a run has ended, but never while the device is about to print. */
export async function inTime<T>(timed: { clock: FakeClock; device: ReplayDevice; running: Promise<T> }) {
  const { clock, device, running } = timed;
  let ended = false;
  void running.finally(() => {
    ended = true;
  });
  const start = clock.monotonic();
  for (let step = 0; !ended && step < MAX_STEPS; step++) {
    for (let typed: string | null = null; typed !== device.typed || !device.idle; ) {
      typed = device.typed;
      await clock.settle();
    }
    if (!ended) await clock.advance(STEP_MS);
  }
  return { value: await running, seconds: (clock.monotonic() - start) / 1000 };
}
