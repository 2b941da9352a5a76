import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from "bun:test";
import { type Api, failure } from "../e2e/support/api.ts";
import type { Job } from "../e2e/support/contract.ts";
import { type Device, startDevice } from "../e2e/support/device.ts";
import { on, startHeldJob } from "../e2e/support/held-job.ts";
import { type Fleet, startFleet } from "./fleet.ts";

setDefaultTimeout(60_000);

const NODES = ["n1", "n2", "n3"];
const CAPACITY = 2;

let fleet: Fleet;
let api: Api;
beforeAll(async () => {
  fleet = await startFleet({
    NETPULSE_WORKER__PINNED: String(CAPACITY),
    NETPULSE_WORKER__FIFO: "1",
    NETPULSE_WORKER__STOP_GRACE: "1",
  });
  api = fleet.api;
  await Promise.all(NODES.map((name) => fleet.node(name)));
});
afterAll(() => fleet?.[Symbol.asyncDispose]());

/** One more than three nodes take. */
let devices: Device[];
/** A job that runs on each device but the last, which makes every node full and busy. */
let held: { device: Device; job: Job; node: string }[];
beforeEach(async () => {
  devices = await Promise.all(Array.from({ length: NODES.length * CAPACITY + 1 }, () => startDevice()));
  held = [];
  for (const device of devices.slice(0, -1)) {
    const job = await startHeldJob(api, device);
    held.push({ device, job, node: job.node ?? "" });
  }
});
afterEach(async () => {
  for (const device of devices) device.release();
  await Promise.all(held.map(({ job }) => api.ended(job.id)));
  await Promise.all(devices.map((device) => device.stop()));
});

const last = () => devices.at(-1) as Device;
const idsOf = (jobs: Job[]) => jobs.map(({ id }) => id).toSorted();
const heldBy = (node: string) => held.filter((one) => one.node === node);
const pinned = async (query: string) => (await api.workers(query)).filter(({ host }) => host !== null);
const namesOf = (workers: { name: string }[]) => workers.map(({ name }) => name).toSorted();

describe("three nodes on one Redis", () => {
  test("take as many devices each as they may; one more waits, and gets the place of one that is idle", async () => {
    for (const node of NODES) expect(heldBy(node)).toHaveLength(CAPACITY);
    const vain = await api.run(on(last(), { command: "show inventory", ttl: 2 }));
    expect(failure(vain)).toMatchObject({ error: "JobExpired" });
    const waiting = await api.exec(on(last(), { command: "show inventory" }));
    const [first] = held;
    first?.device.release();
    expect(await api.ended(waiting.id)).toMatchObject({ status: "finished", node: first?.node });
    for (const node of NODES) expect(await pinned(`node=${node}`)).toHaveLength(CAPACITY);
    expect(await api.workers(`host=${first?.device.handle.host}`)).toEqual([]);
  });

  test("are told apart by GET /job", async () => {
    for (const node of NODES) {
      const started = await api.jobs(`node=${node}&status=started`);
      expect(idsOf(started)).toEqual(idsOf(heldBy(node).map(({ job }) => job)));
      expect(started.map((job) => job.node)).toEqual(heldBy(node).map(() => node));
    }
    const [one] = heldBy("n1");
    const host = one?.device.handle.host;
    expect(idsOf(await api.jobs(`node=n1&host=${host}`))).toEqual([one?.job.id ?? ""]);
    expect(await api.jobs(`node=n2&host=${host}`)).toEqual([]);
    expect(await api.jobs("node=n4")).toEqual([]);
  });

  test("are told apart by GET /worker, which also finds a device's worker wherever it is", async () => {
    const all = await api.workers("");
    const living = all.filter(({ status }) => status !== "dead");
    expect(living).toHaveLength(NODES.length * (CAPACITY + 1));
    for (const node of NODES) {
      const own = await api.workers(`node=${node}`);
      expect(namesOf(own)).toEqual(namesOf(all.filter((worker) => worker.node === node)));
      expect(new Set(own.map(({ hostname }) => hostname)).size).toBe(1);
    }
    for (const { device, node, job } of held) {
      const expected = [{ node, queues: [device.queue], status: "busy", current_jobs: [job.id] }];
      expect(await api.workers(`host=${device.handle.host}`)).toMatchObject(expected);
      expect(await api.workers(`queue=${encodeURIComponent(device.queue)}`)).toMatchObject(expected);
    }
    const fifo = await api.workers("queue=FifoQ");
    expect(
      fifo
        .filter(({ status }) => status === "idle")
        .map(({ node }) => node)
        .toSorted(),
    ).toEqual(NODES);
  });

  test("are emptied one by one by DELETE /worker: the others' jobs go on, and the devices are anybody's", async () => {
    const before = await api.workers("node=n2&status=idle");
    const { names, details } = await api.stopWorkers("node=n2");
    expect(names).toHaveLength(CAPACITY + 1);
    expect(names).toEqual(expect.arrayContaining(namesOf(before)));
    const interrupted = details.flatMap(({ jobs }) => jobs);
    expect(interrupted.toSorted()).toEqual(idsOf(heldBy("n2").map(({ job }) => job)));
    for (const { job } of heldBy("n2"))
      expect(failure(await api.ended(job.id))).toMatchObject({ type: "stopped", error: "WorkerStopped" });
    for (const { job, node } of held)
      if (node !== "n2") expect((await api.job(job.id)).status).toBe("started");
    // Only n2 has room.
    expect(await api.run(on(last(), { command: "show clock" }))).toMatchObject({ node: "n2" });
    const replaced = await api.workers("node=n2&status=idle");
    expect(replaced.filter(({ queues }) => queues.includes("FifoQ"))).toHaveLength(1);
  });

  test("stop one worker of any of them, by name or by its device", async () => {
    const [byName, byHost] = [heldBy("n1")[0], heldBy("n3")[0]];
    const { names } = await api.stopWorkers(`name=${byName?.job.worker}`);
    expect(names).toEqual([byName?.job.worker ?? ""]);
    const { details } = await api.stopWorkers(`host=${byHost?.device.handle.host}`);
    expect(details).toEqual([
      {
        worker: byHost?.job.worker ?? "",
        status: "stopped",
        interrupted_jobs: 1,
        jobs: [byHost?.job.id ?? ""],
      },
    ]);
    const ended = new Set([byName?.job.id, byHost?.job.id]);
    for (const { job } of held)
      expect((await api.job(job.id)).status).toBe(ended.has(job.id) ? "failed" : "started");
  });
});
