import { expect, setDefaultTimeout, test } from "bun:test";
import { failure, wrongFields } from "../e2e/support/api.ts";
import { startDevice } from "../e2e/support/device.ts";
import { on } from "../e2e/support/held-job.ts";
import { startFleet } from "./fleet.ts";

setDefaultTimeout(60_000);

test("nodes serve the sites they name; one address at two sites has two queues, workers and host keys", async () => {
  await using fleet = await startFleet({ NETPULSE_WORKER__FIFO: "1" });
  const { api } = fleet;
  await Promise.all([
    fleet.node("b", { NETPULSE_NODE__SITES: "berlin" }),
    fleet.node("p", { NETPULSE_NODE__SITES: "paris, default" }),
  ]);
  const device = await startDevice();
  const { host, port } = device.handle;
  const at = (site: string, more = {}) =>
    on(device, { command: "show clock", ...more, connection_args: device.args({ site }) });

  expect(await api.run(at("berlin"))).toMatchObject({
    status: "finished",
    node: "b",
    queue: `pinned_berlin/${host}:${port}`,
  });
  expect(await api.run(at("berlin", { queue_strategy: "fifo" }))).toMatchObject({
    status: "finished",
    node: "b",
    queue: "FifoQ_berlin",
  });
  expect(await api.run(on(device, { command: "show clock", queue_strategy: "fifo" }))).toMatchObject({
    status: "finished",
    node: "p",
    queue: "FifoQ",
  });
  for (const queue_strategy of ["pinned", "fifo"]) {
    const { id } = await api.exec(at("rome", { queue_strategy }));
    expect((await api.job(id)).waiting_on).toMatchObject({
      reason: "no_node",
      message:
        "no living node serves the site rome; add rome to the node.sites of one that reaches the device",
    });
    await api.cancel(`id=${id}`);
  }
  const nowhere = await api.run(at("rome", { ttl: 1 }));
  expect(failure(nowhere)).toEqual({ status: "failed", type: "failed", error: "JobExpired" });
  await device.stop();

  // The same address, and another key: for Paris it is the first, for Berlin it is a stranger.
  await using other = await startDevice({ host, port });
  expect(await api.run(at("paris"))).toMatchObject({
    status: "finished",
    node: "p",
    queue: `pinned_paris/${host}:${port}`,
  });
  expect(failure(await api.run(at("berlin")))).toMatchObject({ error: "HostKeyError" });
  expect(other.count("show clock")).toBe(1);

  const workers = await api.workers("");
  expect(workers.map(({ node, queues }) => `${node} ${queues}`).toSorted()).toEqual([
    "b FifoQ_berlin",
    `b pinned_berlin/${host}:${port}`,
    "p FifoQ",
    "p FifoQ_paris",
    `p pinned_paris/${host}:${port}`,
  ]);
  expect((await api.workers("queue=FifoQ")).map(({ node }) => node)).toEqual(["p"]);
});

test("a site that cannot be one is a 422 that names the field", async () => {
  await using fleet = await startFleet();
  await using device = await startDevice();
  for (const site of ["default", "a/b", "", 7]) {
    const answer = await fleet.api.tryExec(
      on(device, { command: "show clock", connection_args: device.args({ site }) }),
    );
    expect(Object.keys(wrongFields(answer))).toEqual(["connection_args.site"]);
  }
});
