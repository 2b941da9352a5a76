import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Api } from "../e2e/support/api.ts";
import { type Device, startDevice } from "../e2e/support/device.ts";
import { on, startHeldJob } from "../e2e/support/held-job.ts";
import { until } from "../e2e/support/until.ts";
import type { Child } from "../support/process.ts";
import { type Fleet, STORES, startFleet } from "./fleet.ts";

setDefaultTimeout(60_000);

const NODES = ["n1", "n2", "n3"];
const CLOCK = { command: "show clock" };

let devices: Device[] = [];
let fleet: Fleet;
let api: Api;
const nodes = new Map<string, Child>();
beforeEach(async () => {
  devices = await Promise.all(Array.from({ length: 12 }, () => startDevice()));
});
afterEach(async () => {
  for (const device of devices) device.release();
  await fleet?.[Symbol.asyncDispose]();
  await Promise.all(devices.map((device) => device.stop()));
});

/** What a node logs that knows the others. */
function knowsAllBut(name: string): RegExp {
  return new RegExp(`other nodes of this store: ${NODES.filter((other) => other !== name).join(", ")}`);
}

async function pinnedOn(node: string): Promise<string[]> {
  const living = (await api.workers(`node=${node}`)).filter(({ status }) => status !== "dead");
  return living.flatMap(({ host }) => host ?? []).toSorted();
}

/** The devices that each node has after each of some got a job, one after the other. */
async function shared(count: number): Promise<string[][]> {
  for (const device of devices.slice(0, count))
    expect(await api.run(on(device, CLOCK))).toMatchObject({ status: "finished" });
  return await Promise.all(NODES.map(pinnedOn));
}

describe.each(STORES)("three nodes in processes of their own on %s", (store) => {
  async function start(env: Record<string, string> = {}): Promise<void> {
    fleet = await startFleet(
      { NETPULSE_WORKER__DRAIN_GRACE: "30", NETPULSE_WORKER__FIFO: "1", ...env },
      store,
    );
    ({ api } = fleet);
    await Promise.all(NODES.map(async (name) => nodes.set(name, await fleet.node(name))));
    for (const [name, child] of nodes) await child.waitFor(knowsAllBut(name));
  }
  afterEach(() => nodes.clear());

  test("share devices among them, each with one", async () => {
    await start();
    const each = await shared(devices.length);
    expect(each.flat().toSorted()).toEqual(devices.map(({ handle }) => handle.host).toSorted());
    // Four each when nothing disturbs it; a busy machine may give a turn away.
    for (const own of each) expect(own.length).toBeGreaterThanOrEqual(2);
    for (const [n, node] of NODES.entries()) {
      const jobs = await api.jobs(`node=${node}`);
      expect(jobs.map(({ host }) => host).toSorted()).toEqual(each[n] ?? []);
    }
    await api.stopWorkers("node=n2");
    expect(await pinnedOn("n2")).toEqual([]);
    for (const [n, node] of NODES.entries())
      if (node !== "n2") expect(await pinnedOn(node)).toEqual(expect.arrayContaining(each[n] ?? []));
  });

  test("are filled one after the other by pack", async () => {
    await start({ NETPULSE_WORKER__PLACEMENT: "pack", NETPULSE_WORKER__PINNED: "4" });
    const sizes = (await shared(9)).map(({ length }) => length);
    expect(sizes.toSorted()).toEqual([1, 4, 4]);
  });

  test("take the devices of one that drains at once, and what waits behind its last job after that", async () => {
    await start();
    await shared(6);
    const [long, ...others] = devices.slice(0, 6);
    if (!long) throw new Error("there is no device");
    const { id, node } = await startHeldJob(api, long);
    const drained = nodes.get(node ?? "");
    if (!drained) throw new Error(`the job runs on ${node}`);
    drained.kill("SIGTERM");
    await until("only the busy worker is left", async () => {
      return (await api.workers(`node=${node}`)).length === 1 || null;
    });
    expect(await api.workers(`node=${node}`)).toMatchObject([{ status: "busy", current_jobs: [id] }]);
    for (const device of others) {
      const job = await api.run(on(device, CLOCK));
      expect([job.status, job.node === node]).toEqual(["finished", false]);
    }
    const behind = await api.exec(on(long, CLOCK));
    long.release();
    expect(await api.ended(id)).toMatchObject({ status: "finished", node });
    expect(await drained.exited).toEqual({ code: 0, signal: null });
    const next = await api.ended(behind.id);
    expect([next.status, next.node === node]).toEqual(["finished", false]);
    expect(await api.workers(`node=${node}`)).toEqual([]);
  });
});
