import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { HOUR, LOST } from "../../support/factory.ts";
import type { Fixture, Setup } from "./fixture.ts";
import { ACCESS } from "./model/commands/access.ts";
import { BATCHES } from "./model/commands/batches.ts";
import { BESIDE, KEY_ID } from "./model/commands/beside.ts";
import type { Step } from "./model/commands/command.ts";
import { DELIVERIES } from "./model/commands/deliveries.ts";
import { ENQUEUEING } from "./model/commands/enqueueing.ts";
import { FLEET, startFleet } from "./model/commands/fleet.ts";
import { QUEUED } from "./model/commands/queued.ts";
import { READING } from "./model/commands/reading.ts";
import { RUNS } from "./model/commands/runs.ts";
import { SEALED } from "./model/commands/sealed.ts";
import { TASKS } from "./model/commands/tasks.ts";
import { World } from "./model/world.ts";

const STEP = fc.oneof(
  ...ENQUEUEING,
  ...BATCHES,
  ...QUEUED,
  ...RUNS,
  ...FLEET,
  ...READING,
  ...BESIDE,
  ...TASKS,
  ...ACCESS,
  ...DELIVERIES,
  ...SEALED,
);

export function modelConformance(setup: Setup): void {
  describe("whatever happens, in whatever order", () => {
    test("the store answers and shows what the model says", async () => {
      await checkAgainstModel(setup, { runs: 12, steps: 100, limitMs: 100_000 });
    }, 120_000);
  });
}

export interface ModelRuns {
  runs: number;
  steps: number;
  limitMs: number;
  /** The same sequences each time; others each time where it is absent. */
  seed?: number;
  /** Whether a failure is made as short as it can be. */
  shrinks?: boolean;
}

/**
 * Takes so many sequences of at most so many random steps, each on an empty store, and compares every answer and all
 * that is visible with the model. A failure is shrunk and printed with its seed and path; with them in the
 * environment (`MODEL_SEED`, `MODEL_PATH`) just that one is taken again.
 */
export async function checkAgainstModel(
  setup: Setup,
  { runs, steps, limitMs, seed: fixed, shrinks = true }: ModelRuns,
): Promise<void> {
  const { MODEL_SEED, MODEL_PATH: path } = process.env;
  const seed = MODEL_SEED === undefined ? fixed : Number(MODEL_SEED);
  // Without the bias towards short ones, which find little.
  const sequence = fc.noBias(fc.array(STEP, { minLength: 1, maxLength: steps, size: "max" }));
  await fc.assert(
    fc.asyncProperty(sequence, (taken) => take(setup, taken)),
    {
      numRuns: runs,
      // Only a failure should take so long, by being shrunk.
      interruptAfterTimeLimit: limitMs,
      markInterruptAsFailure: true,
      endOnFailure: !shrinks,
      ...(seed === undefined ? {} : { seed }),
      ...(path === undefined ? {} : { path, endOnFailure: true }),
    },
  );
}

async function take(setup: Setup, steps: Step[]): Promise<void> {
  const fixture = await setup();
  try {
    // Nothing takes it away again.
    expect(await fixture.storage.checkSealingKey({ keyId: KEY_ID })).toBe("recorded");
    const empty = await fixture.footprint();
    const world = await World.create(fixture);
    await startFleet(world);
    for (const step of steps) {
      await step.take(world);
      await world.check();
    }
    await world.checkSealed();
    expect((await fixture.storage.examine({ limit: 3 })).findings).toEqual([]);
    await clearOut(fixture, world.now + HOUR);
    expect(await fixture.footprint()).toBe(empty);
  } catch (error) {
    await Promise.allSettled([fixture.dispose()]);
    throw error;
  }
  await fixture.dispose();
}

/** Brings everything to its end and has it forgotten. */
async function clearOut({ storage, make }: Fixture, now: number): Promise<void> {
  await storage.reap({ leases: await storage.leases(), error: LOST, now });
  await storage.cancelQueued({ op: make.op(), filter: {}, now });
  for (const node of await storage.nodes()) {
    await storage.loseNode({ ...node, now });
    await storage.removeNode(node);
  }
  await storage.pruneWorkers({ diedBefore: now + HOUR });
  for (const { id } of (await storage.listBatches({ watched: false, limit: 100 })).batches) {
    await storage.forgetBatch({ id });
  }
  for (const key of (await storage.listHostKeys({ filter: {}, limit: 100 })).keys) {
    await storage.forgetHostKey(key);
  }
  for (const { id } of (await storage.listTasks({ limit: 100, now: 0 })).tasks)
    await storage.forgetTask({ id });
  for (const { name } of (await storage.listSecrets({ limit: 100 })).secrets)
    await storage.forgetSecret({ name });
  const { current } = await storage.sealingKeys();
  await storage.endKeyChange({ current: current ?? "" });
  for (const key of (await storage.listKeys({ limit: 100 })).keys) await storage.revokeKey(key);
  await storage.pruneAudit({ before: Date.now() + HOUR, max: 1_000 });
  await deliverAll(storage);
  // What was called without `now` was answered at the store's own time, which is later.
  await storage.prune({ max: 1_000, now: Date.now() + HOUR });
}

/** Jobs whose ends are still to be told are kept. */
async function deliverAll(storage: Fixture["storage"]): Promise<void> {
  const now = Date.now() + HOUR;
  const all = { max: 1_000, perTarget: 1_000, busy: {}, marginMs: 0, now };
  for (const { claim, delivery } of (await storage.claimDeliveries(all)).claims) {
    const told = {
      jobId: delivery.jobId,
      claim,
      outcome: { kind: "delivered" },
      attempt: null,
      now,
    } as const;
    expect(await storage.settleDelivery(told)).toBe("ok");
  }
}
