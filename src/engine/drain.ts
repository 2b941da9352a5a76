import type { Clock } from "../core/clock.ts";
import type { JobError } from "../core/job.ts";
import type { Adoption } from "./adoption.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { runsOf, type Slot, type Slots } from "./slot.ts";

export interface DrainDeps {
  clock: Clock;
  slots: Slots;
  dispatcher: Pick<Dispatcher, "stop">;
  adoption: Pick<Adoption, "stop" | "end">;
  /** How long a session may take to obey, ms. */
  stopGraceMs: number;
  /** What runs that are cut short end with. */
  interrupted: JobError;
  /** Runs may not wait for the store any longer. */
  giveUp(): void;
  onError(error: unknown): void;
}

/** How long a node may take to leave. */
export interface Grace {
  /** For what runs to end by itself. */
  ms: number;
  /** Ends that time at once. */
  cut?: AbortSignal;
}

/**
 * Empties a node that leaves. It takes nothing more; each worker goes as soon as it has nothing to do, so that its
 * device can be adopted elsewhere while long jobs still run here. What has not begun at its device is handed back.
 */
export async function drain(deps: DrainDeps, grace: Grace): Promise<void> {
  const { adoption, dispatcher, slots } = deps;
  adoption.stop();
  const forget = cutShortAfter(deps, grace);
  await dispatcher.stop();
  const runs = [...slots.runs()].map((run) => run.done);
  const leaving = [...slots.all()].toSorted(pinnedFirst).map((slot) => vacate(deps, slot));
  await Promise.allSettled(runs);
  forget();
  // A store that is away hears of the workers when it finds the node silent: not worth the rest of the grace.
  deps.giveUp();
  await Promise.all(leaving);
}

/** Other nodes wait for devices; nobody waits for a FIFO worker. */
function pinnedFirst(a: Slot, b: Slot): number {
  return Number(b.kind === "pinned") - Number(a.kind === "pinned");
}

async function vacate({ adoption, onError }: DrainDeps, slot: Slot): Promise<void> {
  const runs = [...runsOf(slot)];
  for (const run of runs) run.recall();
  for (const run of runs) await run.done.catch(onError);
  if (!slot.ending) await adoption.end(slot, "gone").catch(onError);
}

/** Returns the way to take it back. */
function cutShortAfter(deps: DrainDeps, { ms, cut }: Grace): () => void {
  const { clock, slots, stopGraceMs, interrupted } = deps;
  const interrupt = () => {
    for (const run of slots.runs()) run.abort(interrupted);
    timer.cancel();
    timer = clock.after(2 * stopGraceMs, deps.giveUp);
  };
  let timer = clock.after(ms, interrupt);
  if (cut?.aborted) interrupt();
  cut?.addEventListener("abort", interrupt, { once: true });
  return () => {
    timer.cancel();
    cut?.removeEventListener("abort", interrupt);
  };
}
