import { afterEach, describe, expect, test } from "bun:test";
import { DeviceError } from "../../src/device/driver.ts";
import type { JobView } from "../../src/engine/engine.ts";
import { aCaller } from "../support/callers.ts";
import { echoScript, untilAborted } from "../support/scripted-driver.ts";
import { endWorlds, world } from "../support/world.ts";

afterEach(endWorlds);

const REQUEST = {
  driver: "scripted",
  connectionArgs: { host: "10.0.0.1", username: "u", password: "p" },
  driverArgs: {},
};
const CALLER = aCaller();

type World = Awaited<ReturnType<typeof world>>;

/** Lets time pass until the test has its answer. */
async function tested(at: World, signal = new AbortController().signal): Promise<JobView> {
  let view: JobView | null = null;
  const asked = at.engine.test(REQUEST, CALLER, signal).then((answer) => {
    view = answer;
  });
  for (let passed = 0; view === null && passed < 60_000; passed += 100) await at.clock.advance(100);
  await asked;
  return view ?? Promise.reject(new Error("no answer"));
}

describe("test", () => {
  test("connects, runs nothing, and closes the session", async () => {
    const at = await world();
    await at.addNode("n1");
    const { job, outputs } = await tested(at);
    expect(job).toMatchObject({ status: "finished", queue: "FifoQ", command: [], priority: 100 });
    expect(outputs).toMatchObject([{ command: "", stdout: "", ok: true }]);
    await at.clock.settle();
    expect(at.log).toEqual(["connect 1", "close 1"]);
  });

  test("tells how long it took", async () => {
    const at: World = await world(echoScript, {
      connect: () => new Promise((resume) => at.clock.after(700, resume)),
    });
    await at.addNode("n1");
    expect((await tested(at)).outputs).toMatchObject([{ durationMs: 700 }]);
  });

  test("fails as the connection does", async () => {
    const at = await world(echoScript, {
      connect: async () => {
        throw new DeviceError("AuthenticationError", "the password was refused", { retryable: false });
      },
    });
    await at.addNode("n1");
    const { job } = await tested(at);
    expect(job.status).toBe("failed");
    expect(job.result?.error).toMatchObject({ type: "AuthenticationError" });
  });

  test("is over in time, and leaves no job behind, where the device does not answer", async () => {
    const at = await world(echoScript, { connect: untilAborted });
    await at.addNode("n1");
    const since = at.clock.monotonic();
    const { job } = await tested(at);
    expect(at.clock.monotonic() - since).toBeLessThanOrEqual(33_000);
    expect(job.status).toBe("failed");
  });

  test("is over in time where no node takes it", async () => {
    const at = await world();
    const { job, waiting } = await tested(at);
    expect(job.status).toBe("cancelled");
    expect(waiting?.reason).toBe("no_node");
  });

  test("ends when its caller goes away", async () => {
    const at = await world(echoScript, { connect: untilAborted });
    await at.addNode("n1");
    const left = new AbortController();
    const asked = at.engine.test(REQUEST, CALLER, left.signal);
    await at.clock.settle();
    left.abort();
    const { job } = await asked;
    const ended = await at.until(job, "failed", 10_000);
    expect(ended.job.result?.error?.type).toBe("JobAborted");
  });
});
