import { expect, setDefaultTimeout, test } from "bun:test";
import { disturbWriter } from "../support/faults/disturbed-writer.ts";
import { killWriters } from "../support/faults/killed-writer.ts";
import { LiveWorld } from "../support/faults/live-world.ts";
import { startProxy } from "../support/faults/proxy.ts";
import { onClock, SteppedClock } from "../support/faults/stepped.ts";
import { openStore } from "../support/faults/store.ts";
import { reckon, Stream, soon } from "../support/faults/stream.ts";
import { startRedis } from "../support/redis.ts";

setDefaultTimeout(20_000);

test("a Redis killed at random moments of a writer's life, and started again, loses nothing that was answered", async () => {
  await using redis = await startRedis({ appendOnly: true });
  const storage = await openStore(redis.url);
  const { problems, failures } = await disturbWriter({
    storage,
    rounds: 3,
    seed: 21,
    async disturb() {
      await redis.kill();
      await redis.start();
    },
  });
  await storage.close();
  expect(problems.slice(0, 3)).toEqual([]);
  expect(new Set(failures.map(({ kind }) => kind))).toEqual(new Set(["unavailable"]));
});

test("a connection that breaks in the middle of answers has nothing done twice or by halves", async () => {
  await using redis = await startRedis();
  await using proxy = await startProxy(redis);
  const storage = await openStore(`redis://${proxy.host}:${proxy.port}`);
  const judged = await openStore(redis.url);
  const { problems } = await disturbWriter({
    storage,
    judged,
    rounds: 4,
    seed: 22,
    disturb: (dice) => proxy.cutAfter(dice.whole(1, 20_000)),
  });
  await Promise.all([storage.close(), judged.close()]);
  expect(problems.slice(0, 3)).toEqual([]);
  expect(proxy.cuts).toBeGreaterThanOrEqual(4);
});

test("a writer killed at random moments loses nothing it was told of, doubles nothing, and leaves nothing half done", async () => {
  await using redis = await startRedis();
  const { url } = redis;
  const { problems, answered } = await killWriters({ url, open: () => openStore(url), rounds: 5, seed: 23 });
  expect(problems.slice(0, 3)).toEqual([]);
  expect(answered).toBeGreaterThan(5);
});

test("a Redis that is killed and started again under load costs no job, no worker and no command", async () => {
  await using redis = await startRedis({ appendOnly: true });
  const world = new LiveWorld({
    open: () => openStore(redis.url),
    leaseMs: 10_000,
    marginMs: 1_000,
    answering: soon,
  });
  const { engine, storage } = await world.addEngine();
  await world.addNode("a");
  await world.addNode("b");
  const stream = new Stream(engine);
  await stream.more(30);
  await redis.kill();
  await redis.start();
  await stream.more(30);
  await stream.stop();
  const report = await reckon(world, engine, stream.accepted);
  const { findings } = await storage.examine({ limit: 5 });
  await world.stop();
  expect(report.ended.filter(({ status }) => status !== "finished")).toEqual([]);
  expect(report).toMatchObject({ doubled: [], unexplained: [] });
  expect({ reaped: world.reaped, lost: world.lostNodes, errors: world.errors }).toEqual({
    reaped: [],
    lost: [],
    errors: [],
  });
  expect(findings).toEqual([]);
});

const HOUR = 3_600_000;
const STEPS = [HOUR, -HOUR, 24 * HOUR, -24 * HOUR];

test("a server's clock that is set, far and back, under load costs no job, no worker and no command", async () => {
  await using redis = await startRedis();
  const clock = new SteppedClock();
  const open = async () => onClock(await openStore(redis.url), clock);
  const world = new LiveWorld({ open, leaseMs: 10_000, marginMs: 1_000, answering: soon, clock });
  const { engine, storage } = await world.addEngine();
  await world.addNode("a");
  await world.addNode("b");
  const stream = new Stream(engine);
  for (const step of STEPS) {
    await stream.more(30);
    clock.step(step);
  }
  await stream.more(30);
  await stream.stop();
  const report = await reckon(world, engine, stream.accepted);
  const { findings } = await storage.examine({ limit: 5 });
  await world.stop();
  expect(report.ended.filter(({ status }) => status !== "finished")).toEqual([]);
  expect(report).toMatchObject({ doubled: [], unexplained: [] });
  const { reaped, lostNodes, errors } = world;
  expect({ reaped, lostNodes, errors, findings }).toEqual({
    reaped: [],
    lostNodes: [],
    errors: [],
    findings: [],
  });
});
