import { describe, expect, test } from "bun:test";
import { JobTimes } from "../../src/engine/job-times.ts";
import { type Claim, failed, released, retryLater, succeeded } from "../../src/storage/storage.ts";
import { sqliteBackend } from "../storage/sqlite/backend.ts";
import { DEVICE_AWAY, Factory, MINUTE, T0 } from "../support/factory.ts";

async function claimed(driver = "cli", queue = "pinned_a"): Promise<Claim> {
  const { storage, dispose } = await sqliteBackend();
  await storage.migrate();
  const make = new Factory(storage);
  const claim = await make.started({ driver, queue }, await make.worker({ queue }));
  await dispose();
  return claim;
}

/** The sum, and how many are in the bucket up to `bound`. */
function bucket(times: JobTimes, numbers: readonly number[] | undefined, bound: number): [number, number] {
  const [sum = 0, ...counts] = numbers ?? [];
  const at = times.report().bounds.indexOf(bound);
  return [sum, counts[at < 0 ? times.report().bounds.length : at] ?? 0];
}

describe("the times of jobs", () => {
  test("are nothing at first", () => {
    const { bounds, waits, durations } = new JobTimes().report();
    expect({ waits, durations }).toEqual({ waits: {}, durations: {} });
    expect(bounds.toSorted((a, b) => a - b)).toEqual([...bounds]);
  });

  test("are counted where they belong: a bound is in its own bucket, and what is above all has one, too", async () => {
    const times = new JobTimes();
    const claim = await claimed();
    for (const ms of [0, 10, 10.1, 300_000, 300_001, 1_800_000, 1_800_001, 1e9]) {
      times.took(claim, ms, succeeded());
    }
    const numbers = times.report().durations.cli?.success;
    const sum = 1_000_000 + 2 * 1_800 + 2 * 300 + 0.022;
    expect(numbers?.[0]).toBe(Math.round(sum * 1000) / 1000);
    const counts = [0.01, 0.025, 0.05, 300, 600, 1800, Number.POSITIVE_INFINITY].map(
      (bound) => bucket(times, numbers, bound)[1],
    );
    expect(counts).toEqual([2, 1, 0, 1, 1, 1, 2]);
  });

  test("tell what became of the run, and leave out what had not begun", async () => {
    const times = new JobTimes();
    const claim = await claimed("netmiko");
    const errors = ["JobAborted", "WorkerLost", "TimeoutError", "CommandError"] as const;
    const outcomes = errors.map((type) => failed({ ...DEVICE_AWAY, type }));
    for (const outcome of [succeeded(), ...outcomes, retryLater(DEVICE_AWAY, 1), released()]) {
      times.took(claim, 1_000, outcome);
    }
    const { netmiko = {}, ...others } = times.report().durations;
    expect(others).toEqual({});
    const sums = Object.fromEntries(Object.entries(netmiko).map(([result, [sum]]) => [result, sum]));
    expect(sums).toEqual({ success: 1, stopped: 2, timeout: 1, failed: 1, retried: 1 });
  });

  test("of waiting are by the kind of queue, from the moment the job was ready", async () => {
    const times = new JobTimes();
    const [pinned, fifo] = [await claimed("cli", "pinned_a"), await claimed("cli", "FifoQ_berlin")];
    const started = (claim: Claim, at: number): Claim => ({
      ...claim,
      readyAt: T0,
      job: { ...claim.job, startedAt: at },
    });
    times.waited(started(pinned, T0 + MINUTE));
    times.waited(started(fifo, T0 + 5));
    times.waited(started(fifo, T0 - MINUTE)); // the clock was set back
    const { cli } = times.report().waits;
    expect(bucket(times, cli?.pinned, 60)).toEqual([60, 1]);
    expect(bucket(times, cli?.fifo, 0.01)).toEqual([0.005, 2]);
  });

  test("stay small in a report, whatever drivers are called and however many runs there are", async () => {
    const times = new JobTimes();
    const claim = await claimed();
    const outcomes = ["JobAborted", "TimeoutError", "CommandError"] as const;
    for (let n = 0; n < 100; n++) {
      const job = { ...claim.job, driver: n === 0 ? "__proto__" : `driver ${n}` };
      for (const ms of [...times.report().bounds.map((bound) => bound * 1000), 1e9]) {
        for (const type of outcomes) times.took({ ...claim, job }, ms, failed({ ...DEVICE_AWAY, type }));
        for (const outcome of [succeeded(), retryLater(DEVICE_AWAY, 1)])
          times.took({ ...claim, job }, ms, outcome);
        times.waited({ ...claim, job: { ...job, startedAt: claim.readyAt + ms } });
        times.waited({ ...claim, job: { ...job, queue: "FifoQ", startedAt: claim.readyAt + ms } });
      }
    }
    const report = times.report();
    expect(Object.keys(report.durations)).toHaveLength(13);
    expect(Object.keys(report.durations)).toContain("__proto__");
    const all = Object.values(report.durations).map(({ success = [] }) =>
      success.slice(1).reduce((sum, count) => sum + count, 0),
    );
    expect(all.reduce((sum, count) => sum + count, 0)).toBe(1_700);
    expect(report.durations.other?.success?.at(-1)).toBe(88);
    const inMillions = (_: string, value: unknown) => (typeof value === "number" ? 1_234_567 : value);
    expect(JSON.stringify(report, inMillions).length).toBeLessThan(16 * 1024);
  });
});
