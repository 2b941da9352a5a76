import { describe, expect, test } from "bun:test";
import { idSource } from "../../src/core/ids.ts";
import { Adoption, type AdoptionDeps } from "../../src/engine/adoption.ts";
import { newSlot, Slots } from "../../src/engine/slot.ts";
import type { AddWorkerOutcome } from "../../src/storage/storage.ts";
import { FakeClock } from "../support/clock.ts";

const ADDED: AddWorkerOutcome = { outcome: "added" };

/** A node with room for three devices, one of which has an idle worker. */
function node() {
  const clock = new FakeClock();
  const slots = new Slots();
  const evictions = { idle: 0, displaced: 0 };
  const adding: ((outcome: AddWorkerOutcome) => void)[] = [];
  slots.add(newSlot({ name: "worker_idle", kind: "pinned", queue: "pinned_10.0.0.1" }, clock.monotonic()));
  const storage = {
    addWorker: () => new Promise<AddWorkerOutcome>((resolve) => void adding.push(resolve)),
    endWorker: async () => {},
  };
  const executor = { open: () => ({ pid: 1 }), close() {} };
  const adoption = new Adoption({
    ...{ clock, slots, evictions, storage, executor },
    ids: idSource(clock),
    ...{ node: "a", incarnation: "a1", hostname: "machine", capacity: 3, sites: [null] },
    signal: new AbortController().signal,
    isAlone: () => true,
    delayMs: () => 0,
    onAdopted() {},
    onError(error: unknown) {
      throw error;
    },
  } as unknown as AdoptionDeps);
  return { adoption, slots, evictions, adding };
}

async function microtasks(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await Promise.resolve();
}

describe("a node that has room", () => {
  // Whichever moment of the one's becoming a worker the other one comes in.
  test.each(Array.from({ length: 30 }, (_, n) => [n]))(
    "ends no worker for a device that comes while another is being added, %d steps behind the store's answer",
    async (steps) => {
      const { adoption, slots, evictions, adding } = node();
      adoption.adopt("pinned_10.0.0.2");
      await microtasks(30);
      adding[0]?.(ADDED);
      await microtasks(steps);
      adoption.adopt("pinned_10.0.0.3");
      await microtasks(60);
      adding[1]?.(ADDED);
      await microtasks(60);
      expect(evictions).toEqual({ idle: 0, displaced: 0 });
      expect([...slots.all()].map(({ queue }) => queue)).toEqual([
        "pinned_10.0.0.1",
        "pinned_10.0.0.2",
        "pinned_10.0.0.3",
      ]);
    },
  );
});
