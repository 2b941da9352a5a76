import { expect } from "bun:test";
import fc from "fast-check";
import {
  BATCH_PHASES,
  type Batch,
  type BatchPhase,
  type BatchState,
} from "../../../../../src/storage/batches.ts";
import { HELD, type NewJob } from "../../../../../src/storage/storage.ts";
import { MINUTE } from "../../../../support/factory.ts";
import { isHeld } from "../jobs.ts";
import { BATCH_IDS, type World } from "../world.ts";
import { type Command, command, pick } from "./command.ts";
import { enqueue, JOB, newJob } from "./enqueueing.ts";
import { cancelQueued } from "./queued.ts";

const ID = fc.constantFrom(...BATCH_IDS);
const PHASE = fc.constantFrom(...BATCH_PHASES);
const REASON = fc.constantFrom(null, "2 jobs have failed", "it was cancelled on request");
const GOING_ON: readonly BatchPhase[] = ["canary", "releasing", "open"];

const RECORD: fc.Arbitrary<Batch> = fc.record({
  id: ID,
  createdAt: fc.nat(9),
  fingerprint: fc.constantFrom(null, "print"),
  jobs: fc.nat(9),
  canary: fc.array(fc.constantFrom("job_1", "job_2"), { maxLength: 2 }),
  stopAfter: fc.option(fc.integer({ min: 1, max: 3 })),
  resultTtlMs: fc.constant(MINUTE),
  retryOf: fc.option(ID),
  phase: PHASE,
  reason: REASON,
  stored: fc.boolean(),
  watched: fc.boolean(),
});

export const BATCHES: Command[] = [
  command(
    "submit a batch",
    9,
    {
      record: RECORD,
      jobs: fc.array(JOB, { minLength: 2, maxLength: 5 }),
      canary: fc.constantFrom(0, 1, 1, 2),
    },
    async (world, { record, jobs: drawn, canary }) => {
      const jobs = drawn.map((each, n): NewJob => {
        const held = canary > 0 && n >= canary;
        return { ...newJob(world, each), batchId: record.id, runAt: held ? HELD : null };
      });
      const ahead = jobs.slice(0, canary).map(({ id }) => id);
      const phase = canary > 0 ? "canary" : "open";
      await add(world, { ...record, phase, canary: ahead, jobs: jobs.length, watched: true });
      await enqueue(world, jobs);
    },
  ),

  command("tend a batch", 6, { id: ID }, async (world, { id }) => {
    const batch = world.batches.get(id);
    if (batch) await tend(world, batch);
  }),

  command("stop a batch", 1, { id: ID }, async (world, { id }) => {
    await change(world, id, GOING_ON, { phase: "stopping", watched: true });
    await cancelQueued(world, { batchId: id });
  }),

  command("releaseHeld", 8, { which: fc.nat(9), again: fc.boolean() }, async (world, { which, again }) => {
    const batchId = pickHeld(world, which);
    await release(world, batchId);
    if (again) await release(world, batchId);
  }),

  command("releaseHeld by both at once", 2, { which: fc.nat(9) }, async (world, { which }) => {
    const batchId = pickHeld(world, which);
    const released = world.jobs.release(batchId, world.now);
    const both = await Promise.all(
      world.stores.map((store) => store.releaseHeld({ batchId, now: world.now })),
    );
    expect(both.reduce((sum, each) => sum + each.released, 0)).toBe(released);
  }),

  command("addBatch", 1, { record: RECORD }, (world, { record }) => add(world, record)),

  command(
    "changeBatch",
    3,
    {
      id: ID,
      from: fc.subarray([...BATCH_PHASES], { minLength: 1 }),
      // Safe: what is not drawn is absent.
      to: fc.record(
        { phase: PHASE, reason: REASON, stored: fc.boolean(), watched: fc.boolean() },
        { requiredKeys: ["phase"] },
      ) as fc.Arbitrary<Partial<BatchState>>,
    },
    (world, { id, from, to }) => change(world, id, from, to),
  ),

  command("getBatch", 1, { id: ID }, async (world, { id }) => {
    expect(await world.store.getBatch({ id })).toEqual(world.batches.get(id));
  }),

  command(
    "listBatches",
    2,
    { watched: fc.boolean(), limit: fc.integer({ min: 1, max: 3 }), after: fc.option(ID) },
    async (world, { watched, limit, after }) => {
      const all = world.batches.list(watched).filter(({ id }) => after === null || id > after);
      const batches = all.slice(0, limit);
      const next = all.length > limit ? (batches.at(-1)?.id ?? null) : null;
      const call = { watched, limit, ...(after !== null && { after }) };
      expect(await world.store.listBatches(call)).toEqual({ batches, next });
    },
  ),

  command("forgetBatch", 1, { id: ID }, async (world, { id }) => {
    world.batches.forget(id);
    await world.store.forgetBatch({ id });
  }),
];

/** Mostly one that has something to release. */
function pickHeld({ jobs }: World, n: number): string {
  const held = [...jobs.all.values()].filter(isHeld).flatMap(({ job }) => job.batchId ?? []);
  return pick(n < 8 && held.length > 0 ? held : BATCH_IDS, n) ?? "nobody's";
}

async function add(world: World, batch: Batch): Promise<void> {
  expect(await world.store.addBatch({ batch })).toEqual(world.batches.add(batch));
}

async function change(
  world: World,
  id: string,
  from: readonly BatchPhase[],
  to: Partial<BatchState>,
): Promise<void> {
  const expected = world.batches.change(id, from, to);
  expect(await world.store.changeBatch({ id, from, change: to })).toEqual(expected);
}

async function release(world: World, batchId: string): Promise<void> {
  const released = world.jobs.release(batchId, world.now);
  expect(await world.store.releaseHeld({ batchId, now: world.now })).toEqual({ released });
}

/** The next step of a batch, as nodes take it: by what has become of its jobs. */
async function tend(world: World, { id, phase, canary, stopAfter }: Batch): Promise<void> {
  const to = (next: BatchPhase) => change(world, id, [phase], { phase: next });
  const { failed } = await world.store.batchCounts({ batchId: id });
  if (GOING_ON.includes(phase) && stopAfter !== null && failed >= stopAfter) return await to("stopping");
  switch (phase) {
    case "canary": {
      const statuses = (await world.store.get({ ids: canary })).map((job) => job?.status ?? "failed");
      if (statuses.every((status) => status === "finished")) return await to("releasing");
      if (statuses.some((status) => status === "failed" || status === "cancelled")) await to("stopping");
      return;
    }
    case "releasing":
      await release(world, id);
      return await to("open");
    case "stopping":
      await cancelQueued(world, { batchId: id });
      expect((await world.store.batchCounts({ batchId: id })).queued).toBe(0);
      return await to("stopped");
    default:
      return await change(world, id, [phase], { watched: false });
  }
}
