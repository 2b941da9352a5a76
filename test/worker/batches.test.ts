import { afterEach, describe, expect, test } from "bun:test";
import { idSource } from "../../src/core/ids.ts";
import type { JobStatus } from "../../src/core/job.ts";
import { DeviceError } from "../../src/device/driver.ts";
import { cancelBatch } from "../../src/engine/batches.ts";
import type { BulkAnswer, BulkRequest } from "../../src/engine/engine.ts";
import type { Batch } from "../../src/storage/batches.ts";
import { HELD, type Storage } from "../../src/storage/storage.ts";
import { aCaller } from "../support/callers.ts";
import { Factory } from "../support/factory.ts";
import { echoScript, type Script } from "../support/scripted-driver.ts";
import { bind, endWorlds, stuck, world } from "../support/world.ts";

afterEach(endWorlds);

const CALLER = aCaller();

type World = Awaited<ReturnType<typeof world>>;

/** A device refuses the command `fail`. */
const failing: Script = async function* (request, context) {
  const { operation } = request;
  if (operation.kind === "command" && operation.commands.includes("fail")) {
    throw new DeviceError("CommandError", "it was refused");
  }
  yield* echoScript(request, context);
};

/** One command for each device. */
function bulkOf(commands: string[], more: Partial<BulkRequest> = {}): BulkRequest {
  return {
    count: commands.length,
    entry: (place) => ({
      host: `10.0.0.${place + 1}`,
      reason: null,
      request: {
        driver: "scripted",
        connectionArgs: { host: `10.0.0.${place + 1}`, username: "u", password: "p" },
        driverArgs: {},
        operation: { kind: "command", text: commands[place] ?? "" },
        queueStrategy: "fifo",
      },
    }),
    ...more,
  };
}

/** How many are in each status, once time has passed until `done` says so. */
async function countsWhen(at: World, answer: BulkAnswer, done: (counts: Counts, phase: string) => boolean) {
  const id = answer.batch?.id ?? "";
  for (let passed = 0; passed < 60_000; passed += 100) {
    const { counts, batch } = await at.engine.batch(id);
    if (done(counts, batch.phase)) return { ...counts, phase: batch.phase, reason: batch.reason };
    await at.clock.advance(100);
  }
  throw new Error(`it is ${JSON.stringify(await at.engine.batch(id))}`);
}
type Counts = Record<JobStatus, number>;

describe("canary", () => {
  test("holds the rest until the first jobs have finished well, whoever is told then", async () => {
    const at = await world(failing);
    const answer = await at.engine.submitBulk(bulkOf(["a", "b", "c", "d"], { canary: 2 }), CALLER);
    const [first, , third] = answer.jobs;
    if (!first || !third) throw new Error("no jobs");
    expect((await at.view(first)).waiting?.reason).toBe("no_node");
    expect((await at.view(third)).waiting).toMatchObject({ reason: "held", until: null });
    await at.clock.advance(600_000);
    expect((await at.view(third)).job.status).toBe("queued");
  });

  test("releases the rest when they have", async () => {
    const at = await world(failing);
    const answer = await at.engine.submitBulk(bulkOf(["a", "b", "c", "d"], { canary: 2 }), CALLER);
    await at.addNode("n1");
    const ended = await countsWhen(at, answer, ({ finished }) => finished === 4);
    expect(ended).toMatchObject({ phase: "open", reason: null });
    const ends = await at.storage.list({ filter: {}, order: "asc", limit: 9 });
    const [canaries, others] = [ends.jobs.slice(0, 2), ends.jobs.slice(2)];
    const lastCanary = Math.max(...canaries.map(({ endedAt }) => endedAt ?? 0));
    expect(others.every(({ startedAt }) => (startedAt ?? 0) >= lastCanary)).toBe(true);
  });

  test("cancels the rest when one of them has not", async () => {
    const at = await world(failing);
    const answer = await at.engine.submitBulk(bulkOf(["fail", "b", "c", "d"], { canary: 2 }), CALLER);
    await at.addNode("n1");
    const ended = await countsWhen(at, answer, (_, phase) => phase === "stopped");
    expect(ended).toMatchObject({ failed: 1, finished: 1, cancelled: 2 });
    expect(ended.reason).toBe("canary: of its first 2 jobs 1 did not finish well");
  });

  test("goes on with another node where the one that ran it went", async () => {
    const at = await world(failing);
    const { engine } = at;
    const answer = await engine.submitBulk(bulkOf(["a", "b", "c"], { canary: 1 }), CALLER);
    const { node } = await at.addNode("n1", { fifoWorkers: 1 });
    const [first] = answer.jobs;
    if (!first) throw new Error("no jobs");
    await at.until(first, "finished");
    await at.stopped(node.stop());
    expect((await engine.batch(answer.batch?.id ?? "")).batch.phase).toBe("canary");
    await at.addNode("n2");
    await countsWhen(at, answer, ({ finished }) => finished === 3);
  });

  test("of as many as there are holds nothing", async () => {
    const at = await world();
    const answer = await at.engine.submitBulk(bulkOf(["a", "b"], { canary: 2 }), CALLER);
    expect(answer.batch).toMatchObject({ phase: "open", canary: [] });
    await at.addNode("n1");
    await countsWhen(at, answer, ({ finished }) => finished === 2);
  });

  test("a cancelled batch releases nothing", async () => {
    const at = await world();
    const answer = await at.engine.submitBulk(bulkOf(["a", "b", "c"], { canary: 1 }), CALLER);
    const { cancelled } = await at.engine.cancelBatch(answer.batch?.id ?? "");
    expect(cancelled.toSorted()).toEqual(answer.jobs.map(({ id }) => id).toSorted());
    await at.addNode("n1");
    const ended = await countsWhen(at, answer, (_, phase) => phase === "stopped");
    expect(ended).toMatchObject({ cancelled: 3, reason: "it was cancelled on request" });
  });
});

describe("cancelBatch", () => {
  test("names what it cancelled, also where a node that saw the mark was quicker, and nothing else", async () => {
    const at = await world();
    const { batch, jobs } = await at.engine.submitBulk(bulkOf(["a", "b", "c", "d"]), CALLER);
    const [first, ...rest] = jobs.map(({ id }) => id);
    await at.engine.cancelJob({ id: first ?? "", abort: false });
    const store = bind(at.storage);
    const quicker: Storage = {
      ...store,
      async cancelQueued(params) {
        await store.cancelQueued({ op: "op_keeper", filter: { ...params.filter, host: "10.0.0.3" } });
        return await store.cancelQueued(params);
      },
    };
    const deps = { storage: quicker, batches: at.storage, ids: idSource(at.clock) };
    const { cancelled } = await cancelBatch(deps, batch?.id ?? "");
    expect(cancelled.toSorted()).toEqual(rest.toSorted());
    expect(await cancelBatch(deps, batch?.id ?? "")).toEqual({ cancelled: [] });
  });
});

describe("stopAfterFailures", () => {
  test("cancels what is queued when so many have failed", async () => {
    const at = await world(failing);
    const commands = ["ok", "fail", "fail", ...Array.from({ length: 20 }, () => "fail")];
    const bulk = bulkOf(commands, { canary: 1, stopAfterFailures: 2 });
    const answer = await at.engine.submitBulk(bulk, CALLER);
    await at.addNode("n1", { fifoWorkers: 1 });
    const ended = await countsWhen(at, answer, (_, phase) => phase === "stopped");
    expect(ended.failed).toBeGreaterThanOrEqual(2);
    expect(ended.failed + ended.finished + ended.cancelled).toBe(commands.length);
    expect(ended.reason).toMatch(/^stop_after_failures: \d+ of its jobs have failed$/);
  });

  test("looks when the first jobs fail, also where no look has found the batch yet", async () => {
    const at: World = await world(async function* () {
      await new Promise<void>((done) => at.clock.after(10, done));
      yield* [];
      throw new DeviceError("CommandError", "it was refused");
    });
    await at.addNode("n1", { fifoWorkers: 1 });
    await at.clock.advance(1_100); // the next look by itself is nearly a second away
    const commands = Array.from({ length: 60 }, () => "fail");
    const answer = await at.engine.submitBulk(bulkOf(commands, { stopAfterFailures: 2 }), CALLER);
    const ended = await countsWhen(at, answer, (_, phase) => phase === "stopped");
    expect(ended.failed).toBeLessThan(20);
  });

  test("lets a batch be with fewer", async () => {
    const at = await world(failing);
    const answer = await at.engine.submitBulk(bulkOf(["fail", "b", "c"], { stopAfterFailures: 2 }), CALLER);
    await at.addNode("n1");
    const ended = await countsWhen(at, answer, ({ finished }) => finished === 2);
    expect(ended).toMatchObject({ failed: 1, cancelled: 0, phase: "open" });
    await at.clock.advance(2_000);
    expect((await at.engine.batch(answer.batch?.id ?? "")).batch.watched).toBe(false);
  });
});

describe("retryBatch", () => {
  test("runs those again that failed, as a batch of their own, once", async () => {
    const at = await world(failing);
    const answer = await at.engine.submitBulk(bulkOf(["fail", "b", "fail"]), CALLER);
    const id = answer.batch?.id ?? "";
    await at.addNode("n1");
    await countsWhen(at, answer, ({ failed, finished }) => failed + finished === 3);
    const again = { id, bulk: bulkOf(["good", "b", "fail"]), cancelled: false };
    const retry = await at.engine.retryBatch(again, CALLER);
    expect(retry).toMatchObject({ skipped: 1, refused: [], duplicate: false, batch: { retryOf: id } });
    expect(retry.jobs.map(({ host }) => host)).toEqual(["10.0.0.1", "10.0.0.3"]);
    await countsWhen(at, retry, ({ failed, finished }) => failed === 1 && finished === 1);

    const repeat = await at.engine.retryBatch(again, CALLER);
    expect(repeat).toMatchObject({ duplicate: true, batch: { id: retry.batch?.id ?? "" } });
    expect(repeat.jobs.map((job) => job.id)).toEqual(retry.jobs.map((job) => job.id));
    const other = { ...again, bulk: bulkOf(["other", "b", "other"]) };
    await expect(at.engine.retryBatch(other, CALLER)).rejects.toThrow(
      `as ${retry.batch?.id}; retry that one`,
    );

    const second = { id: retry.batch?.id ?? "", bulk: bulkOf(["good", "b", "good"]), cancelled: false };
    const last = await at.engine.retryBatch(second, CALLER);
    expect(last.jobs.map(({ host }) => host)).toEqual(["10.0.0.3"]);
  });

  test("takes cancelled jobs along when it is told to", async () => {
    const at = await world();
    const answer = await at.engine.submitBulk(bulkOf(["a", "b"]), CALLER);
    const id = answer.batch?.id ?? "";
    await at.engine.cancelBatch(id);
    const bulk = bulkOf(["a", "b"]);
    expect(await at.engine.retryBatch({ id, bulk, cancelled: false }, CALLER)).toMatchObject({
      batch: null,
      skipped: 2,
    });
    expect((await at.engine.retryBatch({ id, bulk, cancelled: true }, CALLER)).jobs).toHaveLength(2);
  });

  test("refuses a batch that goes on, one that is unknown, and another device at a place", async () => {
    const at = await world(failing);
    const answer = await at.engine.submitBulk(bulkOf(["fail"]), CALLER);
    const retry = { id: answer.batch?.id ?? "", bulk: bulkOf(["fail"]), cancelled: false };
    await expect(at.engine.retryBatch(retry, CALLER)).rejects.toThrow("still goes on");
    await expect(at.engine.retryBatch({ ...retry, id: "batch_x" }, CALLER)).rejects.toThrow("no such batch");
    await at.addNode("n1");
    await countsWhen(at, answer, ({ failed }) => failed === 1);
    const { entry } = bulkOf(["fail", "fail"]);
    const shifted = { count: 1, entry: () => entry(1) };
    const refused = await at.engine.retryBatch({ ...retry, bulk: shifted }, CALLER);
    expect(refused).toMatchObject({ batch: null, refused: [{ place: 0, host: "10.0.0.2" }] });
  });
});

/** A batch as an API leaves it that dies while it stores its jobs. */
async function cutOff(at: World, given: Partial<Batch>): Promise<string> {
  const batch: Batch = {
    id: "batch_1",
    createdAt: at.clock.now(),
    fingerprint: null,
    jobs: 2,
    canary: [],
    stopAfter: null,
    resultTtlMs: 3_600_000,
    retryOf: null,
    phase: "open",
    reason: null,
    stored: false,
    watched: true,
    ...given,
  };
  await at.storage.addBatch({ batch });
  return batch.id;
}

describe("a batch that is not stored whole", () => {
  test("is taken as it is after ten minutes", async () => {
    const at = await world();
    const id = await cutOff(at, {});
    await new Factory(at.storage).queued({ batchId: id, runAt: HELD }, at.clock.now());
    await at.addNode("n1");
    await at.clock.advance(9 * 60_000);
    expect(await at.storage.getBatch({ id })).toMatchObject({ stored: false, watched: true });
    await at.clock.advance(2 * 60_000);
    expect(await at.storage.getBatch({ id })).toMatchObject({ stored: true, watched: false, phase: "open" });
  });

  test("waits for its canary until then, and is stopped", async () => {
    const at = await world();
    const id = await cutOff(at, { canary: ["job_x"], phase: "canary" });
    await new Factory(at.storage).queued({ batchId: id, runAt: HELD }, at.clock.now());
    await at.addNode("n1");
    await at.clock.advance(9 * 60_000);
    expect(await at.storage.getBatch({ id })).toMatchObject({ phase: "canary" });
    await at.clock.advance(2 * 60_000);
    expect(await at.storage.getBatch({ id })).toMatchObject({ phase: "stopped", watched: false });
    expect(await at.storage.batchCounts({ batchId: id })).toMatchObject({ cancelled: 1 });
  });

  test("is not given up for being old by the clock of another machine", async () => {
    const at = await world();
    const createdAt = at.clock.now() - 3_600_000;
    const id = await cutOff(at, { createdAt, canary: ["job_x"], phase: "canary" });
    await at.addNode("n1");
    await at.clock.advance(9 * 60_000);
    expect(await at.storage.getBatch({ id })).toMatchObject({ stored: false, phase: "canary" });
    at.clock.stepWall(-3 * 3_600_000);
    await at.clock.advance(2 * 60_000);
    expect(await at.storage.getBatch({ id })).toMatchObject({ stored: true, phase: "stopped" });
  });

  test("once stopped, what is stored of it later is cancelled or released as what was before", async () => {
    const at = await world(stuck);
    const [stopping, releasing] = [{ phase: "stopping" }, { phase: "releasing" }] as const;
    await cutOff(at, { id: "batch_s", ...stopping });
    await cutOff(at, { id: "batch_r", ...releasing });
    await at.addNode("n1", { fifoWorkers: 0 });
    await at.clock.advance(2_000);
    const make = new Factory(at.storage);
    const [late, held] = await make.queuedAll([{ batchId: "batch_s" }, { batchId: "batch_r", runAt: HELD }]);
    await at.clock.advance(2_000);
    expect(await at.storage.get({ ids: [late?.id ?? ""] })).toMatchObject([{ status: "cancelled" }]);
    expect(await at.storage.waits({ ids: [held?.id ?? ""] })).toMatchObject([{ startsAt: null }]);
    for (const [id, phase] of [
      ["batch_s", "stopped"],
      ["batch_r", "open"],
    ] as const) {
      await at.storage.changeBatch({ id, from: ["stopping", "releasing"], change: { stored: true } });
      await at.clock.advance(2_000);
      expect(await at.storage.getBatch({ id })).toMatchObject({ phase, watched: false });
    }
  });
});

describe("a batch", () => {
  test("is forgotten with the last of its jobs", async () => {
    const at = await world();
    const answer = await at.engine.submitBulk(bulkOf(["a"]), CALLER);
    const id = answer.batch?.id ?? "";
    await at.addNode("n1");
    await countsWhen(at, answer, ({ finished }) => finished === 1);
    for (let minute = 0; minute < 62; minute++) await at.clock.advance(60_000);
    expect(await at.storage.getBatch({ id })).toBeNull();
  });
});
