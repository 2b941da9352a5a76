import { afterEach, describe, expect, test } from "bun:test";
import { waitingOf } from "../../src/engine/waiting.ts";
import { MOST_AHEAD } from "../../src/storage/ahead.ts";
import { retryLater, type Storage } from "../../src/storage/storage.ts";
import { sqliteBackend } from "../storage/sqlite/backend.ts";
import { DEVICE_AWAY, Factory, HOUR, MINUTE } from "../support/factory.ts";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const LEASE_MS = 10_000;
/** Nodes register by the store's clock here, as in the product. */
const NOW = Date.now();

async function scene() {
  const { storage, dispose } = await sqliteBackend();
  ends.push(dispose);
  await storage.migrate();
  const make = new Factory(storage);
  const node = (given: Parameters<Factory["node"]>[0] = {}, at = Date.now()) => make.node(given, at);
  const waiting = async (id: string) => {
    const [job] = await storage.get({ ids: [id] });
    if (!job) throw new Error("no such job");
    return (await waitingOf(storage, LEASE_MS, [job])).get(id) ?? null;
  };
  return { storage, make, node, waiting };
}

describe("a job waits", () => {
  test("for a node, where none is alive or was heard of", async () => {
    const { make, node, waiting } = await scene();
    const { id } = await make.queued();
    expect(await waiting(id)).toMatchObject({ reason: "no_node", ahead: 0, job: null, until: null });
    await make.worker({}, await node({}, NOW - LEASE_MS));
    expect(await waiting(id)).toMatchObject({ reason: "no_node" });
    await make.worker({}, await node());
    expect(await waiting(id)).toMatchObject({ reason: "position" });
  });

  test("for a node that may take it: FIFO without such workers, pinned where none takes devices", async () => {
    const { make, node, waiting } = await scene();
    await node({ capacity: 0 });
    const fifo = await make.queued();
    const pinned = await make.queued({ queue: "pinned_a" });
    expect(await waiting(fifo.id)).toMatchObject({
      reason: "no_node",
      message: expect.stringContaining("FifoQ"),
    });
    expect(await waiting(pinned.id)).toMatchObject({
      reason: "no_node",
      message: expect.stringContaining("worker.pinned is 0"),
    });
  });

  test("for a node of its site, which is named with the way out", async () => {
    const { make, node, waiting } = await scene();
    await node({ sites: ["paris"] });
    const named = await Promise.all(
      ["pinned_rome/10.0.0.1", "FifoQ_rome"].map((queue) => make.queued({ queue, site: "rome" })),
    );
    for (const { id } of named) {
      expect(await waiting(id)).toMatchObject({
        reason: "no_node",
        message:
          "no living node serves the site rome; add rome to the node.sites of one that reaches the device",
        ahead: 0,
      });
    }
    for (const queue of ["pinned_10.0.0.1", "FifoQ"]) {
      expect(await waiting((await make.queued({ queue })).id)).toMatchObject({
        reason: "no_node",
        message:
          "no living node serves devices without a site; add default to the node.sites of one that reaches the device",
      });
    }
    await node({ sites: [null, "rome"] });
    expect(await waiting(named[0]?.id ?? "")).toMatchObject({ reason: "position" });
    expect(await waiting(named[1]?.id ?? "")).toMatchObject({
      reason: "no_node",
      message: expect.stringContaining("has a worker for FifoQ_rome"),
    });
  });

  test("not for a site that a silent node served, nor with certainty where one has not told its sites", async () => {
    const { make, node, waiting } = await scene();
    await node({ sites: ["rome"] }, NOW - LEASE_MS);
    await node({ sites: ["paris"] });
    const { id } = await make.queued({ queue: "pinned_rome/10.0.0.1", site: "rome" });
    expect(await waiting(id)).toMatchObject({ reason: "no_node" });
    await node({ sites: null });
    expect(await waiting(id)).toMatchObject({ reason: "position" });
  });

  test("for a place among the nodes of its site, whatever room others have", async () => {
    const { make, node, waiting } = await scene();
    await node({ sites: ["paris"] });
    const full = await node({ sites: ["rome"], capacity: 1 });
    const busy = "pinned_rome/10.0.0.1";
    await make.started({ queue: busy }, await make.worker({ queue: busy }, full));
    const { id } = await make.queued({ queue: "pinned_rome/10.0.0.2" });
    expect(await waiting(id)).toMatchObject({
      reason: "capacity",
      message: expect.stringContaining("all 1 pinned workers"),
    });
  });

  test("for those before it", async () => {
    const { make, node, waiting } = await scene();
    await make.worker({}, await node());
    const [first, second, third] = await make.queuedAll([{}, {}, {}]);
    expect(await waiting(first?.id ?? "")).toEqual({
      reason: "position",
      message: "it is next in its queue",
      ahead: 0,
      job: null,
      until: null,
    });
    expect(await waiting(second?.id ?? "")).toMatchObject({
      ahead: 1,
      message: "1 job is before it in its queue",
    });
    expect(await waiting(third?.id ?? "")).toMatchObject({
      ahead: 2,
      message: "2 jobs are before it in its queue",
    });
  });

  test("for the started job of its device, which is named", async () => {
    const { make, node, waiting } = await scene();
    const worker = await make.worker({ queue: "pinned_a" }, await node());
    const { token } = await make.started({ queue: "pinned_a" }, worker);
    const [, second] = await make.queuedAll([{ queue: "pinned_a" }, { queue: "pinned_a" }]);
    expect(await waiting(second?.id ?? "")).toMatchObject({
      reason: "device_busy",
      message: `job ${token.id} is started on its device, and 1 job is before it`,
      ahead: 1,
      job: token.id,
    });
  });

  test("for a place, only where every node runs as many pinned jobs as it may", async () => {
    const { make, node, waiting } = await scene();
    const one = await node({ capacity: 1 });
    await make.started({ queue: "pinned_a" }, await make.worker({ queue: "pinned_a" }, one));
    const { id } = await make.queued({ queue: "pinned_b" });
    expect(await waiting(id)).toMatchObject({ reason: "capacity", ahead: 0 });
    const two = await node({ capacity: 1 });
    expect(await waiting(id)).toMatchObject({
      reason: "position",
      message: expect.stringContaining("no node has taken its device yet"),
    });
    // Full of idle workers: one gives way.
    await make.worker({ queue: "pinned_c" }, two);
    expect(await waiting(id)).toMatchObject({ reason: "position" });
  });

  test("while all workers of its queue are suspended", async () => {
    const { storage, make, node, waiting } = await scene();
    const { name } = await make.worker({}, await node());
    const { id } = await make.queued();
    await storage.suspendWorkers({ filter: { name }, suspended: true });
    expect(await waiting(id)).toMatchObject({ reason: "suspended" });
    await storage.suspendWorkers({ filter: { name }, suspended: false });
    expect(await waiting(id)).toMatchObject({ reason: "position" });
  });

  test("for its moment, and for a retry's pause to be over", async () => {
    const { make, node, waiting } = await scene();
    const worker = await make.worker({}, await node());
    const until = NOW + HOUR;
    const { id } = await make.queued({ runAt: until });
    expect(await waiting(id)).toMatchObject({
      reason: "delayed",
      until,
      message: "its moment has not come yet",
    });
    const { token } = await make.started({ retries: 1 }, worker, NOW);
    await make.settle(token, retryLater(DEVICE_AWAY, MINUTE), { now: NOW });
    expect(await waiting(token.id)).toMatchObject({
      reason: "delayed",
      until: NOW + MINUTE,
      message: "it pauses before it is tried again",
    });
  });
});

describe("what jobs wait for", () => {
  test("is asked of the store for queued ones only, and at once for all of them", async () => {
    const { make, storage } = await scene();
    const started = await make.started();
    const queued = await make.queuedAll([{}, {}]);
    const asked: string[][] = [];
    const counting: Storage = Object.assign(Object.create(storage) as Storage, {
      waits: (params: Parameters<Storage["waits"]>[0]) => {
        asked.push(params.ids);
        return storage.waits(params);
      },
    });
    expect((await waitingOf(counting, LEASE_MS, [started.job])).size).toBe(0);
    expect((await waitingOf(counting, LEASE_MS, [...queued, started.job])).size).toBe(2);
    expect(asked).toEqual([queued.map(({ id }) => id)]);
  });

  test("is a start where it started between the two looks", async () => {
    const { make, storage } = await scene();
    const job = await make.queued();
    await storage.cancel({ op: make.op(), id: job.id, abort: false });
    const waiting = (await waitingOf(storage, LEASE_MS, [job])).get(job.id);
    expect(waiting).toMatchObject({ reason: "position", ahead: 0 });
  });

  test("says so where nobody has counted further", async () => {
    const { make, storage } = await scene();
    const jobs = await make.queuedAll(Array.from({ length: MOST_AHEAD + 2 }, () => ({ queue: "pinned_a" })));
    await make.node({}, Date.now());
    const last = jobs.slice(-1);
    const waiting = (await waitingOf(storage, LEASE_MS, last)).get(last[0]?.id ?? "");
    expect(waiting).toMatchObject({
      ahead: MOST_AHEAD,
      message: expect.stringContaining("1000 jobs or more"),
    });
  });
});
