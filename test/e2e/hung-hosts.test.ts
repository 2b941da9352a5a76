import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Netpulse, startNetpulse, WITH_TEST_DRIVERS } from "../support/netpulse.ts";
import { Api, failure, resultOf } from "./support/api.ts";
import type { Job } from "./support/contract.ts";
import { gone } from "./support/processes.ts";
import { until } from "./support/until.ts";

setDefaultTimeout(40_000);

/** Of the grace, and what it takes to find that a host hangs, with room for a slow machine. */
const STOPPED_WITHIN_MS = 9_000;

let netpulse: Netpulse;
let api: Api;
beforeEach(async () => {
  netpulse = await startNetpulse({
    env: {
      ...WITH_TEST_DRIVERS,
      NETPULSE_WORKER__FIFO: "2",
      NETPULSE_WORKER__STOP_GRACE: "1",
      NETPULSE_WORKER__DEAD_RETENTION: "1",
    },
  });
  api = new Api(netpulse);
});
afterEach(async () => {
  await netpulse?.stop();
});

let hosts = 0;
function request(command: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  hosts += 1;
  return { driver: "busy", connection_args: { host: `10.0.0.${hosts}` }, command, ...more };
}

async function startedJob(body: Record<string, unknown>): Promise<Job> {
  const { id } = await api.exec(body);
  return await until(`${id} starts`, async () => {
    const job = await api.job(id);
    return job.status === "started" ? job : null;
  });
}

async function pidOf(worker: string | null): Promise<number> {
  const found = (await api.workers()).find(({ name, status }) => name === worker && status !== "dead");
  if (found === undefined) throw new Error(`no living worker ${worker}`);
  return found.pid;
}

async function spinning(more: Record<string, unknown> = {}): Promise<Job> {
  return await startedJob(request("spin", more));
}

/** A job on a pinned worker that is idle by now, in the same host as all. */
async function idleWorker(): Promise<string> {
  const { worker } = await api.run(request("hello"));
  return `${worker}`;
}

async function stopWithin(query: string) {
  const asked = performance.now();
  const answer = await api.stopWorkers(query);
  expect(performance.now() - asked).toBeLessThan(STOPPED_WITHIN_MS);
  return answer;
}

describe.each([
  { how: "in a busy loop", hang: () => spinning() },
  {
    how: "stopped by SIGSTOP",
    async hang() {
      const job = await startedJob(request("wait"));
      process.kill(await pidOf(job.worker), "SIGSTOP");
      return job;
    },
  },
])("a worker whose session host hangs $how", ({ hang }) => {
  test("does not outlive the product, though it cannot hear that it is gone", async () => {
    const hung = await hang();
    const pid = await pidOf(hung.worker);
    await netpulse.kill9();
    await gone([pid]);
  });

  test("is stopped in time; the jobs that die with the host are named, idle workers come back", async () => {
    const idle = await idleWorker();
    const beside = await startedJob(request("wait"));
    const hung = await hang();
    const pid = await pidOf(hung.worker);
    expect([await pidOf(idle), await pidOf(beside.worker)]).toEqual([pid, pid]);

    const { names, details } = await stopWithin(`name=${hung.worker}`);
    expect(names).toEqual([`${hung.worker}`]);
    expect(details).toEqual([
      { worker: `${hung.worker}`, status: "stopped", interrupted_jobs: 2, jobs: [hung.id, beside.id] },
    ]);
    // The answer came after the fact.
    expect(failure(await api.job(hung.id))).toMatchObject({ type: "stopped", error: "WorkerStopped" });
    expect(failure(await api.job(beside.id))).toMatchObject({ type: "stopped", error: "WorkerLost" });
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");

    await until("the idle workers are in another host, without a session", async () => {
      const alive = (await api.workers()).filter(({ status }) => status !== "dead");
      const back = alive.filter((worker) => worker.pid !== pid && worker.session === "none");
      return back.length === alive.length && back.some(({ name }) => name === idle) ? back : null;
    });
    expect((await api.run(request("hello"))).status).toBe("finished");
  });
});

test("a worker that was stopped so is listed as dead, and forgotten after worker.dead_retention", async () => {
  const hung = await spinning();
  await stopWithin(`name=${hung.worker}`);
  const named = async () => (await api.workers()).filter(({ name }) => name === hung.worker);
  expect(await named()).toMatchObject([{ status: "dead", current_jobs: [], session: "none" }]);
  await until("it is forgotten", async () => ((await named()).length === 0 ? true : null), 20_000);
});

test("FIFO workers of a host that hangs are replaced under new names, and serve", async () => {
  const before = (await api.workers("queue=FifoQ")).map(({ name }) => name);
  const hung = await spinning({ queue_strategy: "fifo" });
  const { names } = await stopWithin("queue=FifoQ");
  expect(names.sort()).toEqual(before.sort());
  const after = await until("as many FIFO workers as before", async () => {
    const alive = (await api.workers("queue=FifoQ")).filter(({ status }) => status !== "dead");
    return alive.length === before.length ? alive : null;
  });
  expect(after.filter(({ name }) => before.includes(name))).toEqual([]);
  const next = await api.run(request("hello", { queue_strategy: "fifo" }));
  expect(next.status).toBe("finished");
  expect(resultOf(await api.job(hung.id)).error?.type).toBe("WorkerStopped");
});

test("a job that holds its host's event loop ends at its time; jobs behind it run in another host", async () => {
  const asked = performance.now();
  const hung = await spinning({ execution_timeout: 1 });
  const ended = await api.ended(hung.id);
  expect(failure(ended)).toEqual({ status: "failed", type: "timeout", error: "TimeoutError" });
  expect(resultOf(ended).error?.message).toContain("in a session that did not end it when its time was over");
  expect(resultOf(ended).retval).toBe("spin\n");
  expect(performance.now() - asked).toBeLessThan(STOPPED_WITHIN_MS);
  expect((await api.run(request("hello"))).status).toBe("finished");
});
