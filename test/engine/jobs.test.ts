import { afterEach, describe, expect, test } from "bun:test";
import { JobEnds } from "../../src/engine/job-ends.ts";
import { job } from "../../src/engine/jobs.ts";
import { succeeded } from "../../src/storage/storage.ts";
import { sqliteBackend } from "../storage/sqlite/backend.ts";
import { FakeClock } from "../support/clock.ts";
import { Factory } from "../support/factory.ts";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const WAIT_MS = 30_000;

/** A started job, and a call that waits for its end in time that stands still. */
async function startedJob() {
  const { storage, dispose } = await sqliteBackend();
  ends.push(dispose);
  await storage.migrate();
  const make = new Factory(storage);
  const { token } = await make.started();
  const clock = new FakeClock();
  const jobEnds = new JobEnds(storage, clock);
  await jobEnds.start();
  ends.push(() => jobEnds.stop());
  const idle = clock.timers;
  const statusWhenHeld = async (signal: AbortSignal) => {
    const params = { id: token.id, waitMs: WAIT_MS, outputs: false, signal };
    return (await job({ storage, clock, ends: jobEnds, nodeSilenceMs: 10_000, inlineOutput: 1024 }, params))
      .job.status;
  };
  return {
    clock,
    statusWhenHeld,
    end: () => make.settle(token, succeeded()),
    left: () => clock.timers - idle,
  };
}

describe("a call that waits for a job", () => {
  test("is answered when the job ends", async () => {
    const { clock, statusWhenHeld, end, left } = await startedJob();
    const asked = statusWhenHeld(new AbortController().signal);
    await clock.settle();
    expect(Bun.peek.status(asked)).toBe("pending");
    await end();
    expect(await asked).toBe("finished");
    expect(left()).toBe(0);
  });

  test("is answered when its time is over", async () => {
    const { clock, statusWhenHeld, left } = await startedJob();
    const asked = statusWhenHeld(new AbortController().signal);
    await clock.advance(WAIT_MS);
    expect(await asked).toBe("started");
    expect(left()).toBe(0);
  });

  test("is given up when the caller goes away", async () => {
    const { clock, statusWhenHeld, left } = await startedJob();
    const abort = new AbortController();
    const asked = statusWhenHeld(abort.signal);
    await clock.settle();
    abort.abort();
    expect(await asked).toBe("started");
    expect(left()).toBe(0);
  });

  test("is not held when the caller was gone before it began", async () => {
    const { statusWhenHeld, left } = await startedJob();
    expect(await statusWhenHeld(AbortSignal.abort())).toBe("started");
    expect(left()).toBe(0);
  });
});
