import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { shardOf } from "../../../src/core/shards.ts";
import { pack } from "../../../src/storage/redis/codec.ts";
import type { RedisLink } from "../../../src/storage/redis/link.ts";
import { heartbeat } from "../../../src/storage/redis/methods/heartbeat.ts";
import { loseNode, nodes, registerNode, removeNode } from "../../../src/storage/redis/methods/nodes.ts";
import { addWorker, endWorker, pruneWorkers } from "../../../src/storage/redis/methods/worker-life.ts";
import { listWorkers } from "../../../src/storage/redis/methods/workers.ts";
import type { NewWorker, NodeRecord, WorkerStatus } from "../../../src/storage/storage.ts";
import { HOUR, SECOND, T0 } from "../../support/factory.ts";
import { type Redis, startRedis } from "../../support/redis.ts";
import { type Call, cutOff, watched } from "./cut-link.ts";
import { Hand } from "./examined.ts";
import { Links } from "./links.ts";

const SHARDS = 3;
const UNAVAILABLE = { name: "StorageError", kind: "unavailable" };

const links = new Links();
let redis: Redis;
let prefix: string;
let link: RedisLink;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.stop());

beforeEach(async () => {
  prefix = redis.freshPrefix();
  link = await links.open(redis, { prefix, shards: SHARDS });
});

afterEach(() => links.close());

const NODE: NodeRecord = {
  name: "n",
  incarnation: "first",
  hostname: "machine",
  pid: 1,
  capacity: 10,
  sites: [null],
};
const NEXT: NodeRecord = { ...NODE, incarnation: "second" };
const OTHER: NodeRecord = { ...NODE, name: "other", incarnation: "other's" };

describe("over several shards, a node", () => {
  test("that registers has workers on every shard", async () => {
    await registerNode(link)({ node: NODE, now: T0 });
    expect(await addEverywhere(NODE)).toEqual(["added", "added", "added"]);
    expect(await statuses(NODE)).toEqual(["idle", "idle", "idle"]);
  });

  test("that registers anew ends its older workers on every shard", async () => {
    await registerNode(link)({ node: NODE, now: T0 });
    await addEverywhere(NODE);
    await registerNode(link)({ node: NEXT, now: T0 + SECOND });
    expect(await statuses(NODE)).toEqual(["dead", "dead", "dead"]);
    expect(await addEverywhere(NODE, "late")).toEqual(["unknown_node", "unknown_node", "unknown_node"]);
    expect(await addEverywhere(NEXT)).toEqual(["added", "added", "added"]);
  });

  test("whose registration stopped half way is complete when it is repeated", async () => {
    await expect(registerNode(cutOff(link, [1, 2]))({ node: NODE })).rejects.toMatchObject(UNAVAILABLE);
    expect(await addEverywhere(NODE)).toEqual(["added", "unknown_node", "unknown_node"]);
    await registerNode(link)({ node: NODE });
    expect(await addEverywhere(NODE)).toEqual(["added", "added", "added"]);
  });

  test("that is lost dies on every shard, with the time it was last heard of", async () => {
    await registerNode(link)({ node: NODE, now: T0 });
    await addEverywhere(NODE);
    await beat(link, NODE, T0 + SECOND);
    expect(await lose(link, NODE)).toBe("lost");
    const { workers } = await listWorkers(link)({ filter: {}, limit: 10 });
    const dead = { status: "dead" as const, lastHeartbeat: T0 + SECOND, diedAt: T0 + HOUR };
    expect(workers).toMatchObject([dead, dead, dead]);
    await registerNode(link)({ node: OTHER });
    expect(await addEverywhere(OTHER)).toEqual(["added", "added", "added"]);
  });

  test("is not given back what an older decision, which arrives late, would give it", async () => {
    const held: Call[] = [];
    const slow = watched(link, (...call) => {
      if (call[0].name === "sync-nodes") held.push(call);
    });
    await registerNode(slow)({ node: NODE });
    await registerNode(link)({ node: NEXT });
    for (const call of held) await link.run(...call);
    expect(held).toHaveLength(SHARDS - 1);
    expect(await addEverywhere(NODE)).toEqual(["unknown_node", "unknown_node", "unknown_node"]);
    expect(await addEverywhere(NEXT)).toEqual(["added", "added", "added"]);
  });

  test("is removed from every shard with its living workers; dead ones stay", async () => {
    await registerNode(link)({ node: NODE });
    await addEverywhere(NODE);
    await endWorker(link)({ name: workerOn(1, NODE).name, as: "dead" });
    await removeNode(link)(NODE);
    expect(await nodes(link)()).toEqual([]);
    expect(await statuses(NODE)).toEqual(["dead"]);
  });

  test("is not removed while it holds a started job on any of them", async () => {
    await registerNode(link)({ node: NODE });
    for (const shard of [0, 1, 2]) {
      const hand = new Hand(link, shard);
      await hand.do("HSET", "runs", "job_x", pack([1, "nonce", NODE.name, "w", 1, 0]));
      await removeNode(link)(NODE);
      expect(await nodes(link)()).toHaveLength(1);
      await hand.do("DEL", "runs");
    }
    await removeNode(link)(NODE);
    expect(await nodes(link)()).toEqual([]);
  });

  test("that is lost is forgotten with the last of its dead workers, on whichever shard", async () => {
    await registerNode(link)({ node: NODE, now: T0 });
    await add(workerOn(2, NODE));
    await lose(link, NODE);
    expect(await pruneWorkers(link)({ diedBefore: T0 + HOUR })).toEqual({ pruned: 0 });
    expect(await nodes(link)()).toHaveLength(1);
    expect(await pruneWorkers(link)({ diedBefore: T0 + HOUR + 1 })).toEqual({ pruned: 1 });
    expect(await nodes(link)()).toEqual([]);
  });

  test("leaves nothing behind once it is forgotten, but the versions of the table", async () => {
    await registerNode(link)({ node: NODE, now: T0 });
    await addEverywhere(NODE);
    await lose(link, NODE);
    await pruneWorkers(link)({ diedBefore: T0 + HOUR + 1 });
    const versions = SHARDS;
    expect(await redis.footprint(prefix)).toBe(versions);
  });
});

describe("a decision about a node that did not reach every shard", () => {
  /** What holds in between: shard 0 has decided, and nobody believes the node. */
  async function loseHalfWay(): Promise<void> {
    await registerNode(link)({ node: NODE, now: T0 });
    await registerNode(link)({ node: OTHER, now: T0 });
    await addEverywhere(NODE);
    await expect(lose(cutOff(link, [2]), NODE)).rejects.toMatchObject(UNAVAILABLE);
    expect(await statuses(NODE)).toEqual(["dead", "dead", "idle"]);
    expect(await beat(link, NODE)).toEqual({ known: false, lost: [], abort: [], stop: [] });
  }

  test("is completed by the sweep", async () => {
    await loseHalfWay();
    await pruneWorkers(link)({ diedBefore: T0 });
    expect(await statuses(NODE)).toEqual(["dead", "dead", "dead"]);
    expect(await addEverywhere(OTHER)).toEqual(["added", "added", "added"]);
  });

  test("is completed by anybody's next heartbeat", async () => {
    await loseHalfWay();
    expect(await beat(link, OTHER)).toMatchObject({ known: true });
    expect(await statuses(NODE)).toEqual(["dead", "dead", "dead"]);
  });

  test("is completed when it is repeated", async () => {
    await loseHalfWay();
    expect(await lose(link, NODE)).toBe("lost");
    expect(await statuses(NODE)).toEqual(["dead", "dead", "dead"]);
  });

  test("buries also whom a shard took in after it", async () => {
    await loseHalfWay();
    expect(await add({ ...workerOn(2, NODE, "late"), kind: "fifo" })).toBe("added");
    await pruneWorkers(link)({ diedBefore: T0 });
    expect(await statuses(NODE)).toEqual(["dead", "dead", "dead", "dead"]);
  });
});

describe("a fail-over that has lost the last writes", () => {
  test("of another shard: the next heartbeat lets the node act there again", async () => {
    await registerNode(link)({ node: NODE });
    for (const key of ["incarnation", "pulse", "nodes:version"]) {
      await redis.cli("DEL", `{${prefix}:1}:${key}`);
    }
    expect(await addEverywhere(NODE)).toEqual(["added", "unknown_node", "added"]);
    await beat(link, NODE);
    expect(await add(workerOn(1, NODE))).toBe("added");
  });

  test("of shard 0: what it has left is the truth, for the shards that know more as well", async () => {
    await registerNode(link)({ node: NODE });
    const older = await redis.cli("GET", `{${prefix}:0}:nodes:version`);
    await registerNode(link)({ node: OTHER });
    await addEverywhere(OTHER);
    await redis.cli("HDEL", `{${prefix}:0}:nodes`, "other");
    await redis.cli("HDEL", `{${prefix}:0}:incarnation`, "other");
    await redis.cli("SET", `{${prefix}:0}:nodes:version`, older);
    await beat(link, NODE);
    expect(await beat(link, OTHER)).toMatchObject({ known: false });
    expect((await addEverywhere(OTHER, "late")).slice(1)).toEqual(["unknown_node", "unknown_node"]);
    await registerNode(link)({ node: { ...OTHER, incarnation: "again" } });
    expect(await add({ ...workerOn(1, OTHER, "back"), incarnation: "again" })).toBe("added");
  });
});

async function add(worker: NewWorker): Promise<string> {
  return (await addWorker(link)({ worker, now: T0 })).outcome;
}

/** A pinned worker on each shard: what became of it. */
async function addEverywhere(node: NodeRecord, mark = node.incarnation): Promise<string[]> {
  const outcomes: string[] = [];
  for (let shard = 0; shard < SHARDS; shard++) outcomes.push(await add(workerOn(shard, node, mark)));
  return outcomes;
}

function workerOn(shard: number, { name, incarnation }: NodeRecord, mark = incarnation): NewWorker {
  const queue = queueOn(shard);
  return {
    name: `${shard}-${name}-${mark}`,
    node: name,
    incarnation,
    kind: "pinned",
    queue,
    hostname: "machine",
    pid: 2,
    host: null,
    site: null,
  };
}

/** The same for each shard, so that its pin is one. */
function queueOn(shard: number): string {
  for (let n = 0; ; n++) if (shardOf(`pinned_${n}`, SHARDS) === shard) return `pinned_${n}`;
}

async function statuses({ name }: NodeRecord): Promise<WorkerStatus[]> {
  const { workers } = await listWorkers(link)({ filter: { node: name }, limit: 10 });
  return workers.map(({ status }) => status);
}

async function lose(by: RedisLink, { name, incarnation }: NodeRecord) {
  const pulse = (await nodes(link)()).find((node) => node.name === name);
  return loseNode(by)({ name, incarnation, beat: pulse?.beat ?? Number.NaN, now: T0 + HOUR });
}

function beat(by: RedisLink, { name, incarnation }: NodeRecord, now = T0) {
  return heartbeat(by)({ node: name, incarnation, runs: [], workers: [], hostMemory: {}, now });
}
