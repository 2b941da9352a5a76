import { isFinal } from "../../src/core/job.ts";
import type { Store } from "../../src/storage/store.ts";
import type { BatchHistory } from "../support/faults/batches.ts";
import type { Ending } from "../support/faults/deliveries.ts";
import type { Timeline } from "./timeline.ts";

/** What a store has announced and done to batches, in the order of time. */
export interface Observed extends Pick<BatchHistory, "starts" | "phases"> {
  endings: Ending[];
  /** The store, to be used instead. */
  store: Store;
}

export function observe(timeline: Timeline, store: Store): Observed {
  const observed: Omit<Observed, "store"> = { endings: [], starts: [], phases: [] };
  store.subscribe((hint) => {
    if (hint.kind !== "job") return;
    const { id, status } = hint;
    const at = timeline.now;
    if (status === "started") observed.starts.push({ id, at });
    if (!isFinal(status)) return;
    timeline.note(`${id} is ${status}`);
    observed.endings.push({ id, status, at });
  });
  return { ...observed, store: { ...store, changeBatch } };

  async function changeBatch(params: Parameters<Store["changeBatch"]>[0]) {
    const changed = await store.changeBatch(params);
    const { phase } = params.change;
    if (changed && phase) {
      timeline.note(`${params.id} is ${phase}`);
      observed.phases.push({ id: params.id, phase, at: timeline.now });
    }
    return changed;
  }
}
