import { afterEach, expect, test } from "bun:test";
import { echoScript, type Script, untilAborted } from "../support/scripted-driver.ts";
import { bind, cuttable, endWorlds, stuck, world } from "../support/world.ts";

afterEach(endWorlds);

/** The command `wait` ends when the test says so; all others are echoed. */
function gated() {
  const gate = Promise.withResolvers<void>();
  const script: Script = async function* (request, context) {
    const { operation } = request;
    if (operation.kind === "command" && operation.commands.includes("wait")) await gate.promise;
    yield* echoScript(request, context);
  };
  return { script, open: gate.resolve };
}

const waiting = { operation: { kind: "command", text: "wait" } } as const;

test("a node that leaves gives its idle workers up at once, and each other one when its job is done", async () => {
  const { script, open } = gated();
  const it = await world(script);
  const { node } = await it.addNode("a");
  await it.until(await it.submit({ host: "10.0.0.1" }), "finished");
  const long = await it.submit({ host: "10.0.0.2", ...waiting });
  const next = await it.submit({ host: "10.0.0.2" });
  await it.until(long, "started");
  await it.addNode("b", { fifoWorkers: 0 });

  const stopping = node.stop({ ms: 60_000 });
  const moved = await it.until(await it.submit({ host: "10.0.0.1" }), "finished", 3_000);
  expect(moved.job.node).toBe("b");
  const { workers } = await it.storage.listWorkers({ filter: { node: "a" }, limit: 10 });
  expect(workers.map(({ queue, status }) => ({ queue, status }))).toEqual([
    { queue: "pinned_10.0.0.2", status: "busy" },
  ]);

  open();
  await it.stopped(stopping);
  expect((await it.view(long)).job).toMatchObject({ status: "finished", node: "a" });
  expect((await it.until(next, "finished", 3_000)).job).toMatchObject({ node: "b", attempts: 1 });
  expect((await it.storage.nodes()).map(({ name }) => name)).toEqual(["b"]);
});

test("pinned workers are given up before FIFO ones", async () => {
  const it = await world();
  const plain = bind(it.storage);
  const kinds = new Map<string, string>();
  const order: (string | undefined)[] = [];
  const { node } = await it.addNode("a", {
    storage: {
      ...plain,
      addWorker: (params) => {
        kinds.set(params.worker.name, params.worker.kind);
        return plain.addWorker(params);
      },
      endWorker: (params) => {
        order.push(kinds.get(params.name));
        return plain.endWorker(params);
      },
    },
  });
  for (const host of ["10.0.0.1", "10.0.0.2"]) await it.until(await it.submit({ host }), "finished");
  await it.stopped(node.stop());
  expect(order).toEqual(["pinned", "pinned", "fifo", "fifo"]);
});

test("a job that is still connecting is handed back: another node runs it, and it is its first attempt", async () => {
  let connects = 0;
  const it = await world(echoScript, {
    connect: async (context) => {
      connects += 1;
      if (connects === 1) await untilAborted(context);
    },
  });
  const { node } = await it.addNode("a");
  const job = await it.submit();
  await it.until(job, "started");
  await it.addNode("b");
  await it.stopped(node.stop({ ms: 60_000 }));
  expect((await it.until(job, "finished", 3_000)).job).toMatchObject({ node: "b", attempts: 1 });
  expect(it.log).toEqual(["connect 1", "connect 2", "run 2"]);
});

test("a job that waits for a place with its device is handed back", async () => {
  const it = await world(stuck);
  const { node } = await it.addNode("a", { admission: { perDevice: 1 } });
  const held = await it.submit();
  await it.until(held, "started");
  const second = await it.submit({ queueStrategy: "fifo" });
  await it.until(second, "started");
  await it.stopped(node.stop({ ms: 1_000 }));
  expect((await it.view(held)).job.result?.error?.type).toBe("WorkerStopped");
  expect((await it.view(second)).job).toMatchObject({ status: "queued", result: null });
});

test("a second request to stop interrupts what runs at once, whatever is left of the grace", async () => {
  const it = await world(stuck);
  const { node } = await it.addNode("a");
  const job = await it.submit();
  await it.until(job, "started");
  const cut = new AbortController();
  const before = it.clock.monotonic();
  const stopping = node.stop({ ms: 600_000, cut: cut.signal });
  await it.clock.advance(5_000);
  expect((await it.view(job)).job.status).toBe("started");
  cut.abort();
  await it.stopped(stopping);
  expect(it.clock.monotonic() - before).toBeLessThan(10_000);
  expect((await it.view(job)).job.result?.error?.type).toBe("WorkerStopped");
});

test("a node with nothing to do does not wait for a store that is away", async () => {
  const it = await world();
  const cut = { off: false };
  const { node } = await it.addNode("a", { storage: cuttable(it.storage, cut) });
  await it.until(await it.submit(), "finished");
  cut.off = true;
  const before = it.clock.monotonic();
  await it.stopped(node.stop({ ms: 600_000 }));
  expect(it.clock.monotonic() - before).toBeLessThan(3_000);
});
