import { afterEach, describe, expect, test } from "bun:test";
import { StorageError } from "../../src/core/errors.ts";
import { idSource } from "../../src/core/ids.ts";
import { createEngine } from "../../src/engine/create.ts";
import type { BulkRequest } from "../../src/engine/engine.ts";
import { QueueGate } from "../../src/engine/queue-limits.ts";
import { sealer } from "../../src/engine/seal.ts";
import { openStorage } from "../../src/storage/open.ts";
import { HELD, type Storage } from "../../src/storage/storage.ts";
import type { Store } from "../../src/storage/store.ts";
import { aCaller } from "../support/callers.ts";
import { FakeClock } from "../support/clock.ts";
import { WEBHOOKS } from "../support/no-webhooks.ts";
import { scriptedDriver } from "../support/scripted-driver.ts";
import { tempDir } from "../support/tempdir.ts";
import { bind } from "../support/world.ts";

const CALLER = aCaller();
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

interface Trouble {
  /** The store refuses this enqueue, as if the process had died there. */
  broken?: number;
  /** Happens before each enqueue. */
  meanwhile?(store: Store, batchId: string): Promise<unknown>;
}

async function anEngine({ broken, meanwhile }: Trouble = {}) {
  const dir = tempDir("bulk");
  const clock = new FakeClock();
  const store = await openStorage({ url: `sqlite:${dir.file("test.db")}`, clock, synchronous: "normal" });
  await store.migrate();
  ends.push(async () => {
    await store.close();
    dir.remove();
  });
  const calls: number[] = [];
  const enqueue: Storage["enqueue"] = async (params) => {
    calls.push(params.jobs.length);
    await meanwhile?.(store, params.jobs[0]?.batchId ?? "");
    if (calls.length === broken) throw new StorageError("unavailable", "cut off");
    return await store.enqueue(params);
  };
  const { driver } = scriptedDriver();
  const engine = createEngine({
    storage: { ...bind(store), enqueue },
    batches: store,
    tasks: store,
    audit: store,
    gate: new QueueGate(store, clock, { maxQueued: 100_000, maxQueueDepth: 10_000 }),
    deliveries: store,
    webhooks: WEBHOOKS,
    sealer: sealer(new Uint8Array(32).fill(1)),
    clock,
    ids: idSource(clock),
    stopWaitMs: 1,
    healthLimitMs: 1,
    nodeSilenceMs: 1,
    inlineOutput: 1024 * 1024,
    drivers: { find: (name) => (name === "scripted" ? driver : null), names: () => ["scripted"] },
    files: { id: "folder" },
    limits: {
      ttl: 300,
      executionTimeout: 60,
      resultTtl: 3600,
      maxCommands: 100,
      testTimeout: 30,
      taskTtl: 3600,
    },
  });
  return { engine, store, clock, calls };
}

function bulkOf(count: number, more: Partial<BulkRequest> & { command?: string } = {}): BulkRequest {
  const { command = "show version", ...rest } = more;
  return {
    count,
    entry: (place) => ({
      host: `r${place}`,
      reason: null,
      request: {
        driver: "scripted",
        connectionArgs: { host: `r${place}`, username: "u", password: "p" },
        driverArgs: {},
        operation: { kind: "command", text: command },
      },
    }),
    ...rest,
  };
}

describe("submitBulk", () => {
  test("stores thousands in batches, in the order of the request, with ids that sort so", async () => {
    const { engine, store, calls } = await anEngine();
    const { batch, jobs, refused } = await engine.submitBulk(bulkOf(2_500), CALLER);
    expect(jobs.map(({ host }) => host)).toEqual(Array.from({ length: 2_500 }, (_, n) => `r${n}`));
    expect(jobs.map(({ id }) => id)).toEqual(jobs.map(({ id }) => id).toSorted());
    expect(refused).toEqual([]);
    expect(calls.length).toBeLessThan(20);
    const id = batch?.id ?? "";
    expect(await store.batchCounts({ batchId: id })).toMatchObject({ queued: 2_500 });
    expect(await store.getBatch({ id })).toMatchObject({ jobs: 2_500, stored: true });
  });

  test("one bad entry does not sink the rest, and its reason repeats nothing of it", async () => {
    const { engine } = await anEngine();
    const { entry } = bulkOf(4);
    const bad = entry(1);
    if (bad.request)
      bad.request.connectionArgs = { host: "not a host!", username: "u", password: "p4ssw0rd", x: 1 };
    const odd = { host: null, request: null, reason: "must be an object" };
    const bulk = {
      count: 4,
      entry: (place: number) => (place === 1 ? bad : place === 2 ? odd : entry(place)),
    };
    const { jobs, refused } = await engine.submitBulk(bulk, CALLER);
    expect(jobs.map(({ host }) => host)).toEqual(["r0", "r3"]);
    expect(refused.map(({ place, host }) => [place, host])).toEqual([
      [1, "r1"],
      [2, null],
    ]);
    expect(refused[0]?.reason).toContain("connection_args.host: is neither a host name nor an IP address");
    expect(refused[0]?.reason).toContain("connection_args.x: unknown field");
    expect(refused[0]?.reason).not.toMatch(/not a host|p4ssw0rd/);
  });

  test("when no entry can be taken there is no batch", async () => {
    const { engine, store } = await anEngine();
    const bulk = { count: 1, entry: () => ({ host: "r1", request: null, reason: "is wrong" }) };
    expect(await engine.submitBulk(bulk, CALLER)).toMatchObject({
      batch: null,
      jobs: [],
      refused: [{ place: 0, reason: "is wrong" }],
    });
    expect(await store.listBatches({ watched: false, limit: 9 })).toEqual({ batches: [], next: null });
  });

  test("a repeat under the same key gets the same batch, another body is refused", async () => {
    const { engine, store } = await anEngine();
    const first = await engine.submitBulk(bulkOf(3, { idempotencyKey: "k" }), CALLER);
    const again = await engine.submitBulk(bulkOf(3, { idempotencyKey: "k" }), CALLER);
    expect(again).toMatchObject({ duplicate: true, batch: { id: first.batch?.id ?? "" } });
    expect(again.jobs).toEqual(first.jobs);
    expect((await store.counts()).queued).toBe(3);
    for (const other of [
      bulkOf(3, { idempotencyKey: "k", command: "show clock" }),
      bulkOf(2, { idempotencyKey: "k" }),
    ]) {
      await expect(engine.submitBulk(other, CALLER)).rejects.toThrow(
        "Idempotency-Key was used with another body",
      );
    }
    const others = await engine.submitBulk(bulkOf(3, { idempotencyKey: "k" }), aCaller("somebody else"));
    expect(others.batch?.id).not.toBe(first.batch?.id ?? "");
  });

  test("a repeat completes what was cut off, and runs nothing twice", async () => {
    const { engine, store } = await anEngine({ broken: 2 });
    const bulk = bulkOf(500, { idempotencyKey: "k", canary: 1 });
    await expect(engine.submitBulk(bulk, CALLER)).rejects.toThrow("cut off");
    expect((await store.counts()).queued).toBe(200);
    const { jobs, duplicate } = await engine.submitBulk(bulk, CALLER);
    expect(duplicate).toBe(true);
    expect(jobs).toHaveLength(500);
    expect((await store.counts()).queued).toBe(500);
  });

  test("a repeat stores nothing any more once the first jobs may be forgotten", async () => {
    const { engine, store, clock } = await anEngine({ broken: 2 });
    const bulk = bulkOf(500, { idempotencyKey: "k" });
    await expect(engine.submitBulk(bulk, CALLER)).rejects.toThrow("cut off");
    await clock.advance(3_600_000);
    const { jobs } = await engine.submitBulk(bulk, CALLER);
    expect(jobs).toHaveLength(200);
    expect((await store.counts()).queued).toBe(200);
  });

  test.each([
    ["stopped", { queued: 0, cancelled: 3 }],
    ["open", { queued: 3, cancelled: 0 }],
  ] as const)("what was stored after nodes had given it up as %s is not left held", async (phase, counts) => {
    const change = { phase, stored: true, watched: false };
    const { engine, store } = await anEngine({
      meanwhile: (store, id) => store.changeBatch({ id, from: ["canary"], change }),
    });
    const { batch, jobs } = await engine.submitBulk(bulkOf(3, { canary: 1 }), CALLER);
    expect(await store.batchCounts({ batchId: batch?.id ?? "" })).toMatchObject(counts);
    const waits = await store.waits({ ids: jobs.map(({ id }) => id) });
    expect(waits.filter((wait) => wait?.startsAt === HELD)).toEqual([]);
  });
});
