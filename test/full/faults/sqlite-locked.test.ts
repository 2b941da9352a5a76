import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { failure } from "../../e2e/support/api.ts";
import { on, startHeldJob } from "../../e2e/support/held-job.ts";
import { childOn } from "../../storage/sqlite/spawn.ts";
import { served, slowest } from "../../support/faults/served.ts";
import { openStore } from "../../support/faults/store.ts";

setDefaultTimeout(60_000);

const SHORT_LEASE = { NETPULSE_WORKER__LEASE: "2", NETPULSE_WORKER__LEASE_MARGIN: "0.5" };

async function expectSound(path: string): Promise<void> {
  const storage = await openStore(`sqlite:${path}`);
  expect((await storage.examine({ limit: 5 })).findings).toEqual([]);
  await storage.close();
}

describe("while another process holds the database file", () => {
  test("for 4 s, a request waits and is accepted, reads are answered, and what runs goes on", async () => {
    await using it = await served();
    const running = await startHeldJob(it.api, it.device);
    await using holder = childOn(it.path, "lock", "4000");
    await holder.waitFor(/locked/);
    const waiting = it.api.exec(on(it.other, { command: "show clock" }));
    const { longest } = await slowest(holder.waitFor(/released/), () => it.api.job(running.id));
    expect(longest).toBeLessThan(500);
    expect(await it.api.ended((await waiting).id)).toMatchObject({ status: "finished" });
    it.device.release();
    expect(await it.api.ended(running.id)).toMatchObject({ status: "finished", attempts: 1 });
    await expectSound(it.path);
  });

  test("for longer than a request waits, it is refused with 503 and what to do, and all goes on afterwards", async () => {
    await using it = await served();
    const running = await startHeldJob(it.api, it.device);
    await using holder = childOn(it.path, "lock");
    await holder.waitFor(/locked/);
    const since = performance.now();
    const refused = await it.api.tryExec(on(it.other, { command: "show clock" }));
    const waited = performance.now() - since;
    expect(refused).toMatchObject({ status: 503, message: "the store does not answer; try again shortly" });
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(waited).toBeGreaterThan(4_500);
    expect(waited).toBeLessThan(6_500);
    await it.netpulse.waitForOutput(/another process has locked the file for \d/);
    holder.write("\n");
    await holder.waitFor(/released/);
    expect(await it.api.run(on(it.other, { command: "show clock" }))).toMatchObject({ status: "finished" });
    it.device.release();
    expect(await it.api.ended(running.id)).toMatchObject({ status: "finished", attempts: 1 });
    expect(await it.api.jobs("")).toHaveLength(2);
    await expectSound(it.path);
  });

  test("for longer than a lease, the node, its idle sessions and what waits survive; what ran is cut off once", async () => {
    await using it = await served({ env: SHORT_LEASE });
    await it.api.run(on(it.other, { command: "show clock" }));
    const before = await it.api.workers("");
    const running = await startHeldJob(it.api, it.device);
    const waiting = await it.api.exec(on(it.device, { command: "show clock" }));
    await using holder = childOn(it.path, "lock", "4000");
    await holder.waitFor(/locked/);
    await it.device.open(0);
    await holder.waitFor(/released/);
    const answering = performance.now();
    it.device.release();
    expect(failure(await it.api.ended(running.id))).toMatchObject({ status: "failed", error: "WorkerLost" });
    expect(performance.now() - answering).toBeLessThan(15_000);
    expect(await it.api.ended(waiting.id)).toMatchObject({ status: "finished", attempts: 1 });
    expect(it.device.count("show users")).toBe(1);
    const after = await it.api.workers("");
    const living = (workers: typeof before) => workers.map(({ name, pid }) => ({ name, pid }));
    expect(living(after)).toEqual(expect.arrayContaining(living(before)));
    expect(after.filter(({ status }) => status === "dead")).toEqual([]);
    expect(it.netpulse.output()).not.toContain("declared lost");
    await expectSound(it.path);
  });
});
