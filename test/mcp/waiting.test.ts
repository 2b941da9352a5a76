import { expect, test } from "bun:test";
import { type Job, type Netpulse, WaitTimeout } from "../../src/client/index.ts";
import type { Call } from "../../src/mcp/tool.ts";
import { waitForJob } from "../../src/mcp/waiting.ts";

/** A job that ends after so many milliseconds of a clock that its waiters move. */
function slowJob(endsAt: number) {
  let now = 0;
  const clock: Call["clock"] = { now: () => now, monotonic: () => now, after: () => ({ cancel() {} }) };
  const told: string[] = [];
  const job = (status: string) => ({ id: "job_1", status }) as Job;
  const jobs = {
    async wait(_id: string, { timeoutMs = 0 }) {
      const left = endsAt - clock.monotonic();
      now += Math.min(left, timeoutMs);
      if (left <= timeoutMs) return job("finished");
      throw new WaitTimeout("job_1", timeoutMs);
    },
    get: async () => job("started"),
  };
  const call = {
    client: { jobs } as unknown as Netpulse,
    ...{ clock, signal: new AbortController().signal },
    progress: async (message: string) => void told.push(message),
    ...{ scopes: [], loginFor: () => ({}), consent: () => Promise.reject(new Error("not asked for")) },
  } satisfies Call;
  return { call, clock, told };
}

test("a client hears every five seconds that the job goes on", async () => {
  const { call, clock, told } = slowJob(12_000);
  expect((await waitForJob(call, "job_1", 50)).status).toBe("finished");
  expect(clock.monotonic()).toBe(12_000);
  expect(told).toEqual(Array(2).fill("job_1 has not ended yet"));
});

test("when the time is over, the job is told as it is", async () => {
  const { call, clock } = slowJob(60_000);
  expect((await waitForJob(call, "job_1", 7)).status).toBe("started");
  expect(clock.monotonic()).toBe(7_000);
});

test("without a time the job is not waited for", async () => {
  const { call, told } = slowJob(60_000);
  expect((await waitForJob(call, "job_1", 0)).status).toBe("started");
  expect(told).toEqual([]);
});
