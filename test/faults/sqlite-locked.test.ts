import { expect, setDefaultTimeout, test } from "bun:test";
import { on, startHeldJob } from "../e2e/support/held-job.ts";
import { childOn } from "../storage/sqlite/spawn.ts";
import { served, slowest } from "../support/faults/served.ts";

setDefaultTimeout(20_000);

test("while another process holds the file for 1.5 s, reads are answered, requests wait, and what runs goes on", async () => {
  await using it = await served();
  const running = await startHeldJob(it.api, it.device);
  await using holder = childOn(it.path, "lock", "1500");
  await holder.waitFor(/locked/);
  const since = performance.now();
  const waiting = it.api.exec(on(it.other, { command: "show clock" }));
  const { longest } = await slowest(holder.waitFor(/released/), () => it.api.job(running.id));
  const accepted = await waiting;
  expect(performance.now() - since).toBeGreaterThan(1_000);
  expect(longest).toBeLessThan(500);
  it.device.release();
  expect(await it.api.ended(accepted.id)).toMatchObject({ status: "finished", attempts: 1 });
  expect(await it.api.ended(running.id)).toMatchObject({ status: "finished", worker: running.worker });
  expect(it.device.count("show users")).toBe(1);
});
