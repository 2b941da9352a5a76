import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Api, failure } from "../e2e/support/api.ts";
import type { Job } from "../e2e/support/contract.ts";
import { type Device, startDevice } from "../e2e/support/device.ts";
import { on, startHeldJob } from "../e2e/support/held-job.ts";
import { descendants } from "../e2e/support/processes.ts";
import { Scraper, type Values } from "../e2e/support/scrape.ts";
import { silentServer } from "../e2e/support/silent.ts";
import { freePort } from "../support/ports.ts";
import type { Child } from "../support/process.ts";
import { type Fleet, startFleet } from "./fleet.ts";

setDefaultTimeout(60_000);

const SHORT_LEASE = { NETPULSE_WORKER__LEASE: "2", NETPULSE_WORKER__LEASE_MARGIN: "0.5" };

let fleet: Fleet;
let api: Api;
let scraper: Scraper;
let devices: Device[];
/** Each serves a site of its own, so that a test decides who runs what. */
let home: Child;
beforeAll(async () => {
  fleet = await startFleet({
    ...SHORT_LEASE,
    NETPULSE_WORKER__FIFO: "1",
    NETPULSE_WORKER__STOP_GRACE: "1",
    NETPULSE_BREAKER__FAILURES: "1",
    NETPULSE_BREAKER__LOGIN_FAILURES: "1",
    NETPULSE_BREAKER__OPEN_FOR: "600",
  });
  api = fleet.api;
  scraper = new Scraper(fleet);
  devices = await Promise.all([1, 2, 3, 4].map(() => startDevice()));
  home = await fleet.node("home", { NETPULSE_WORKER__PINNED: "1" });
  await fleet.node("rome", { NETPULSE_NODE__SITES: "rome", NETPULSE_WORKER__IDLE_TIMEOUT: "1" });
});
afterAll(async () => {
  await fleet?.[Symbol.asyncDispose]();
  await Promise.all((devices ?? []).map((device) => device.stop()));
});

const device = (n: number) => devices[n] as Device;
/** A job for Rome. */
const inRome = (request: Record<string, unknown>, args: Record<string, unknown>) => ({
  driver: "netmiko",
  command: "show clock",
  ...request,
  connection_args: { ...device(2).args(), site: "rome", ...args },
});
const ofNode = (node: string, name: string, labels = "") =>
  `netpulse_node_${name}{node="${node}"${labels && `,${labels}`}}`;
const seconds = (from: string, to: string | null) => (Date.parse(`${to}`) - Date.parse(from)) / 1000;

describe("an api and two nodes on one Redis show", () => {
  test("what runs, what waits and for how long, sessions, leases; then how long jobs waited and took", async () => {
    const [pinned, fifo] = [device(0), device(1)];
    const held = await startHeldJob(api, pinned);
    const heldFifo = await startHeldJob(api, fifo, { queue_strategy: "fifo" });
    const began = performance.now();
    const behind = await api.exec(on(pinned, { command: "show clock" }));
    const behindFifo = await api.exec(on(fifo, { command: "show clock", queue_strategy: "fifo" }));
    const busy = await scraper.until(
      "renewed leases of both, and jobs that wait for a second",
      (seen) =>
        (seen[ofNode("home", "lease_renewals_total")] ?? 0) >= 2 &&
        seen['netpulse_sessions{state="connected"}'] === 2 &&
        (seen['netpulse_queue_oldest_age_seconds{kind="fifo"}'] ?? 0) >= 1 &&
        // The waits of what has begun are told before it ends.
        seen[wait("fifo")] === 1 &&
        seen[wait("pinned")] === 1,
    );
    const heldFor = (performance.now() - began) / 1000;
    expect(busy).toMatchObject({
      netpulse_up: 1,
      'netpulse_storage_up{store="redis"}': 1,
      'netpulse_queues{kind="pinned"}': 1,
      'netpulse_queues{kind="fifo"}': 1,
      'netpulse_queue_depth{kind="pinned"}': 1,
      'netpulse_queue_depth{kind="fifo"}': 1,
      'netpulse_jobs{status="started"}': 2,
      'netpulse_jobs{status="queued"}': 2,
      'netpulse_workers{status="busy"}': 2,
      'netpulse_workers{status="idle"}': 1,
      'netpulse_sessions{state="none"}': 1,
      [ofNode("home", "claims_total")]: 2,
      [ofNode("rome", "claims_total")]: 0,
    });
    expect(busy['netpulse_queue_oldest_age_seconds{kind="pinned"}']).toBeGreaterThanOrEqual(1);
    expect(Object.keys(busy).filter((name) => name.startsWith("netpulse_job_duration"))).toEqual([]);

    for (const one of [pinned, fifo]) one.release();
    const jobs = await Promise.all([held, heldFifo, behind, behindFifo].map(({ id }) => api.ended(id)));
    const done = await scraper.untilIs({
      'netpulse_jobs{status="finished"}': 4,
      'netpulse_queue_depth{kind="pinned"}': 0,
      'netpulse_queue_depth{kind="fifo"}': 0,
      'netpulse_queue_oldest_age_seconds{kind="fifo"}': 0,
      'netpulse_workers{status="busy"}': 0,
      [took("home", "success")]: 4,
      [wait("pinned")]: 2,
      [wait("fifo")]: 2,
    });
    expectWaits(done, "pinned", [jobs[0], jobs[2]] as Job[]);
    expectWaits(done, "fifo", [jobs[1], jobs[3]] as Job[]);
    const durations = jobs.reduce(
      (sum, { started_at, ended_at }) => sum + seconds(`${started_at}`, ended_at),
      0,
    );
    // The node counts from the claim's answer to the end of the run, the store from the claim to the settlement.
    const sum = done[took("home", "success").replace("_count", "_sum")] ?? 0;
    expect(sum).toBeGreaterThanOrEqual(2 * heldFor);
    expect(sum).toBeLessThanOrEqual(durations + 0.01 * jobs.length);
    const health = await scraper.read("/health");
    expect(histogramsOf(health)).toEqual(histogramsOf(done));
  });

  test("of a worker what the document promises", async () => {
    const [job] = await api.jobs(`host=${device(0).handle.host}&status=finished`);
    const [worker] = await api.workers(`host=${device(0).handle.host}`);
    expect(worker).toMatchObject({
      name: `${job?.worker}`,
      successful_job_count: 2,
      sessions_opened: 1,
      session: "connected",
    });
    expect(worker?.busy_seconds).toBeGreaterThan(0);
    expect(worker?.mean_job_duration).toBeCloseTo((worker?.busy_seconds ?? 0) / 2, 3);
    expect(worker?.memory_mb).toBeGreaterThan(1);
  });

  test("who had to go: for another device, or for having nothing to do", async () => {
    const before = await scraper.read();
    expect(before[ofNode("home", "evictions_total", 'why="displaced"')]).toBe(0);
    await api.run(on(device(1), { command: "show clock" }));
    await api.run(inRome({}, {}));
    const after = await scraper.untilIs({
      [ofNode("home", "evictions_total", 'why="displaced"')]: 1,
      [ofNode("rome", "evictions_total", 'why="idle"')]: 1,
    });
    expect(after).toMatchObject({
      [ofNode("home", "evictions_total", 'why="idle"')]: 0,
      [ofNode("rome", "evictions_total", 'why="displaced"')]: 0,
    });
  });

  test("connections, those that failed, credentials that were refused, and breakers", async () => {
    const away = { host: "127.0.0.1", port: await freePort() };
    // Its second run is turned away: the first one has opened the breaker.
    const retried = await api.run(inRome({ retries: 1 }, away));
    expect(failure(retried)).toMatchObject({ error: "CircuitOpen" });
    const wrong = { ...device(3).args(), password: "wrong" };
    expect(failure(await api.run(inRome({}, wrong)))).toMatchObject({ error: "AuthenticationError" });
    const again = await api.run(inRome({}, wrong));
    expect(again.status).toBe("failed");
    const seen = await scraper.untilIs({
      [ofNode("rome", "connects_total", 'result="opened"')]: 1,
      [ofNode("rome", "connects_total", 'result="failed"')]: 2,
      [ofNode("rome", "logins_refused_total")]: 1,
      [ofNode("rome", "connects_refused_total", 'breaker="device"')]: 1,
      [ofNode("rome", "connects_refused_total", 'breaker="login"')]: 1,
      [ofNode("rome", "breakers", 'breaker="device",state="open"')]: 1,
      [ofNode("rome", "breakers", 'breaker="login",state="open"')]: 1,
      [ofNode("rome", "connects_waiting")]: 0,
    });
    expect(seen).toMatchObject({
      [ofNode("rome", "claims_total")]: 5,
      [took("rome", "success")]: 1,
      [took("rome", "retried")]: 1,
      [took("rome", "failed")]: 3,
      [wait("pinned", "rome")]: 5,
      [ofNode("home", "breakers", 'breaker="device",state="open"')]: 0,
      [ofNode("home", "connects_total", 'result="opened"')]: 4,
    });
  });

  test("sessions that are being opened; runs that were aborted, and that ran out of their time", async () => {
    using silent = silentServer();
    const at = { host: "127.0.0.1", port: silent.port, timeout: 30 };
    const connecting = await api.exec(inRome({}, at));
    await scraper.untilIs({ 'netpulse_sessions{state="connecting"}': 1 });
    await api.cancel(`id=${connecting.id}&force=true`);
    device(2).hold("show users");
    const slow = await api.run(inRome({ command: "show users", execution_timeout: 1 }, {}));
    expect(failure(slow)).toMatchObject({ type: "timeout" });
    device(2).release();
    await scraper.untilIs({
      'netpulse_sessions{state="connecting"}': 0,
      [took("rome", "stopped")]: 1,
      [took("rome", "timeout")]: 1,
    });
  });

  test("runs that were lost, by who lost them and by who found them, with no time that nobody saw", async () => {
    const before = await scraper.untilIs({ [took("home", "success")]: 5 });
    const held = await startHeldJob(api, device(0));
    await scraper.untilIs({ [ofNode("home", "claims_total")]: 6 });
    const frozen = [home.pid, ...(await descendants(home.pid))];
    try {
      for (const pid of frozen) process.kill(pid, "SIGSTOP");
      expect(failure(await api.ended(held.id))).toMatchObject({ error: "WorkerLost" });
      const without = await scraper.until(
        "home is lost, and rome has told that it ended its run",
        (seen) =>
          seen[ofNode("home", "claims_total")] === undefined &&
          seen[ofNode("rome", "reaped_runs_total")] === 1,
      );
      expect(without['netpulse_workers{status="dead"}']).toBeGreaterThanOrEqual(2);
    } finally {
      for (const pid of frozen.toReversed()) process.kill(pid, "SIGCONT");
      device(0).release();
    }
    const back = await scraper.untilIs({ [ofNode("home", "lost_runs_total")]: 1 });
    expect(back).toMatchObject({
      [ofNode("home", "claims_total")]: 6,
      [ofNode("home", "reaped_runs_total")]: 0,
      [ofNode("rome", "lost_runs_total")]: 0,
      [took("home", "success")]: 5,
      [wait("pinned")]: (before[wait("pinned")] ?? 0) + 1,
    });
    const results = Object.keys(back).filter((name) =>
      /^netpulse_job_duration_seconds_count.*"home"/.test(name),
    );
    expect(results).toEqual([took("home", "success")]);
  });
});

function wait(kind: "pinned" | "fifo", node = "home"): string {
  return `netpulse_job_wait_seconds_count{node="${node}",driver="netmiko",kind="${kind}"}`;
}

function took(node: string, result: string): string {
  return `netpulse_job_duration_seconds_count{node="${node}",driver="netmiko",result="${result}"}`;
}

function histogramsOf(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => name.startsWith("netpulse_job_")));
}

/** All that waited at home: a bucket for each, and their sum, which is that of the jobs. */
function expectWaits(values: Values, kind: "pinned" | "fifo", jobs: Job[]): void {
  const times = jobs.map(({ enqueued_at, started_at }) => seconds(enqueued_at, started_at));
  const labels = `node="home",driver="netmiko",kind="${kind}"`;
  const sum = values[`netpulse_job_wait_seconds_sum{${labels}}`];
  expect(sum).toBeCloseTo(
    times.reduce((all, one) => all + one, 0),
    6,
  );
  const buckets = Object.entries(values).flatMap(([name, below]) => {
    const [, le] =
      name.match(/^netpulse_job_wait_seconds_bucket\{.*kind="(?:pinned|fifo)",le="(.+)"\}$/) ?? [];
    return le !== undefined && name.includes(labels)
      ? [{ le: Number(le.replace("+Inf", "Infinity")), below }]
      : [];
  });
  expect(buckets.length).toBeGreaterThan(10);
  for (const { le, below } of buckets) expect(below).toBe(times.filter((time) => time <= le).length);
}
