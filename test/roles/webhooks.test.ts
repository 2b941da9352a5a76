import { expect, setDefaultTimeout, test } from "bun:test";
import { startDevice } from "../e2e/support/device.ts";
import { on } from "../e2e/support/held-job.ts";
import { until } from "../e2e/support/until.ts";
import { startReceiver } from "../webhook/receiver.ts";
import { startFleet } from "./fleet.ts";

setDefaultTimeout(90_000);

test("what ends on a node is told by one of the APIs, once", async () => {
  await using receiver = await startReceiver();
  await using device = await startDevice();
  await using fleet = await startFleet({
    NETPULSE_WEBHOOK__NETWORKS: "127.0.0.1",
    NETPULSE_STORAGE__REDIS__SHARDS: "4",
  });
  await Promise.all([fleet.node("n1"), fleet.anotherApi()]);
  const webhook = { url: `http://127.0.0.1:${receiver.port}/`, max_retries: 0 };
  const asked = ["pinned", "fifo", "fifo", "pinned", "fifo", "pinned"].map((queue_strategy) =>
    fleet.api.exec(on(device, { command: "show clock", webhook, queue_strategy })),
  );
  const ids = (await Promise.all(asked)).map(({ id }) => id);
  await receiver.count(ids.length);
  await until("all are delivered", async () => {
    const { data } = await fleet.api.get("/webhook/deliveries?state=delivered");
    return Array.isArray(data) && data.length === ids.length ? data : null;
  });
  const told = receiver.received.map(({ body }) => JSON.parse(body).job);
  expect(told.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
  expect(new Set(told.map(({ node, status }) => `${node} ${status}`))).toEqual(new Set(["n1 finished"]));
  const attempts = receiver.received.map(({ headers }) => headers.get("x-netpulse-attempt"));
  expect(new Set(attempts)).toEqual(new Set(["1"]));
});
