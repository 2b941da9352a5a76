import { afterEach, describe, expect, test } from "bun:test";
import { endWorlds, stuck, world } from "../support/world.ts";

afterEach(endWorlds);

const at = (site: string) => ({ connectionArgs: { host: "10.0.0.1", username: "u", password: "p", site } });

describe("a node", () => {
  test("takes pinned and FIFO jobs of the sites that it names, and no others", async () => {
    const it = await world();
    await it.addNode("a", { sites: ["berlin"] });
    const pinned = await it.until(await it.submit(at("berlin")), "finished");
    const fifo = await it.until(await it.submit({ ...at("berlin"), queueStrategy: "fifo" }), "finished");
    expect(pinned.job).toMatchObject({ queue: "pinned_berlin/10.0.0.1", site: "berlin" });
    expect(fifo.job).toMatchObject({ queue: "FifoQ_berlin", site: "berlin" });
    const others = [
      await it.submit(),
      await it.submit({ queueStrategy: "fifo" }),
      await it.submit(at("paris")),
      await it.submit({ ...at("paris"), queueStrategy: "fifo" }),
    ];
    await it.clock.advance(5_000);
    for (const job of others) expect((await it.view(job)).job.status).toBe("queued");
    await it.addNode("b", { sites: ["paris", null] });
    for (const job of others) expect((await it.until(job, "finished", 2_000)).job.node).toBe("b");
  });

  test("lists for each of its sites as many FIFO workers, and replaces one that is stopped at its site", async () => {
    const it = await world();
    await it.addNode("a", { sites: ["berlin", null], fifoWorkers: 2 });
    const queues = async () => {
      const { workers } = await it.storage.listWorkers({ filter: { status: "idle" }, limit: 10 });
      return workers.map(({ queue, site }) => `${queue} ${site}`).toSorted();
    };
    const all = ["FifoQ null", "FifoQ null", "FifoQ_berlin berlin", "FifoQ_berlin berlin"];
    expect(await queues()).toEqual(all);
    await it.engine.stopWorkers({ queue: "FifoQ_berlin" });
    await it.clock.settle();
    expect(await queues()).toEqual(all);
  });
});

test("one address at two sites is two devices: each has its own queue, worker, session and place", async () => {
  const it = await world(stuck);
  const { admission } = await it.addNode("a", {
    sites: ["berlin", "paris"],
    admission: { perDevice: 1 },
  });
  const jobs = [await it.submit(at("berlin")), await it.submit(at("paris"))];
  for (const job of jobs) await it.until(job, "started");
  await it.clock.advance(1_000);
  expect(it.log).toEqual(["connect 1", "run 1", "connect 2", "run 2"]);
  expect(admission.counters()).toMatchObject({ connects: { opened: 2 }, waiting: 0 });
  const { workers } = await it.storage.listWorkers({ filter: { status: "busy" }, limit: 10 });
  expect(workers.map(({ queue, host, site }) => `${queue} ${host} ${site}`).toSorted()).toEqual([
    "pinned_berlin/10.0.0.1 10.0.0.1 berlin",
    "pinned_paris/10.0.0.1 10.0.0.1 paris",
  ]);
});
