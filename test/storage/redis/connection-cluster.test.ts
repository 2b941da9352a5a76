import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { script } from "../../../src/storage/redis/scripts.ts";
import { eventually, type RedisCluster, type RedisServer, startCluster } from "../../support/redis.ts";
import { failure, Links, NOTE, noteThrough, ran } from "./links.ts";

let cluster: RedisCluster;
const links = new Links();
beforeAll(async () => {
  cluster = await startCluster();
});
afterEach(() => links.close());
afterAll(() => cluster.stop());

/** Any master but that one. */
function another(than: RedisServer): RedisServer {
  const found = cluster.masters.find((server) => server !== than);
  if (!found) throw new Error("there is no other");
  return found;
}

const keyOf = (prefix: string, shard: number) => `{${prefix}:${shard}}:`;

describe("shards", () => {
  test("are 16 and spread over all masters", async () => {
    const prefix = cluster.freshPrefix();
    const link = await links.open(cluster, { prefix });
    const shards = Array.from({ length: 16 }, (_, shard) => shard);
    await Promise.all(shards.map((shard) => link.run(NOTE, shard, [shard])));
    expect(await Promise.all(shards.map((shard) => ran(link, shard)))).toEqual(
      shards.map((shard) => [String(shard)]),
    );
    for (const { cli } of cluster.masters.map((server) => ({ cli: server.cli.bind(server) }))) {
      expect(await cli("KEYS", `{${prefix}:*}:ran`)).not.toBe("");
    }
    await link.ping();
    expect(await link.usedBytes()).toBeGreaterThan(0);
  });

  test("are found through one server, whichever", async () => {
    for (const { port } of cluster.masters) {
      const link = await links.open(cluster, { url: `redis+cluster://127.0.0.1:${port}`, shards: 4 });
      await Promise.all([0, 1, 2, 3].map((shard) => link.run(NOTE, shard, ["x"])));
    }
  });

  test("are found though the first server named is away", async () => {
    const [first, ...others] = cluster.masters;
    const url = `redis+cluster://127.0.0.1:1,${others.map(({ port }) => `127.0.0.1:${port}`).join(",")}`;
    const link = await links.open(cluster, { url, shards: 4 });
    await Promise.all([0, 1, 2, 3].map((shard) => link.run(NOTE, shard, ["x"])));
    expect(first).toBeDefined();
  });

  test("are run on though no server knows the scripts any more", async () => {
    const link = await links.open(cluster);
    await Promise.all(cluster.masters.map((server) => server.cli("SCRIPT", "FLUSH")));
    for (let shard = 0; shard < 16; shard++) expect(await link.run(NOTE, shard, ["x"])).toBe(1);
  });
});

test("hints of every shard reach every link", async () => {
  const prefix = cluster.freshPrefix();
  const [one, other] = await Promise.all([links.open(cluster, { prefix }), links.open(cluster, { prefix })]);
  const heard = new Set<string>();
  one.listen((message) => heard.add(`one ${message}`));
  other.listen((message) => heard.add(`other ${message}`));
  const publish = script("publish", 'redis.call("PUBLISH", ARGV[1], ARGV[2])');
  for (let shard = 0; shard < 16; shard++) await one.run(publish, shard, [`${prefix}:hints`, shard]);
  await eventually("all are heard", async () => heard.size === 32);
});

describe("a shard that moves to another server", () => {
  test("is followed, and nothing is lost or runs twice", async () => {
    const prefix = cluster.freshPrefix();
    const link = await links.open(cluster, { prefix, shards: 1 });
    const acknowledged = await noteThrough(link, async () => {
      for (let round = 0; round < 4; round++) {
        const from = await cluster.holderOf(keyOf(prefix, 0));
        const move = await cluster.beginMove(keyOf(prefix, 0), another(from));
        await move.finish();
      }
    });
    const all = await ran(link);
    expect(new Set(all).size).toBe(all.length);
    expect(acknowledged.filter((id) => !all.includes(id))).toEqual([]);
    // A call that meets a move waits for its end; it does not fail.
    expect(acknowledged).toHaveLength(all.length);
  });

  test("runs nothing while half of its data is here and half there", async () => {
    const prefix = cluster.freshPrefix();
    const link = await links.open(cluster, { prefix, shards: 1, commandTimeoutMs: 400 });
    await link.run(NOTE, 0, ["before"]);
    const from = await cluster.holderOf(keyOf(prefix, 0));
    const to = another(from);
    const move = await cluster.beginMove(keyOf(prefix, 0), to);
    const { kind, message } = await failure(link.run(NOTE, 0, ["during"]));
    expect(kind).toBe("unavailable");
    expect(message).toContain("is being moved to another server of the cluster");
    await move.finish();
    await eventually("it is served again", async () => Number(await link.run(NOTE, 0, ["after"])) > 0);
    expect((await ran(link)).filter((id) => id === "during")).toEqual([]);
    expect((await ran(link))[0]).toBe("before");
  });

  test("without a word is asked for where it is", async () => {
    const prefix = cluster.freshPrefix();
    const link = await links.open(cluster, { prefix, shards: 1 });
    await link.run(NOTE, 0, ["before"]);
    const move = await cluster.beginMove(keyOf(prefix, 0), another(await cluster.holderOf(keyOf(prefix, 0))));
    await move.finish();
    expect(await link.run(NOTE, 0, ["after"])).toBe(2);
    expect((await link.read(0, ["nothing"]))[0]).toBeNull();
  });
});

test("a change that replicas cannot confirm is not made once more", async () => {
  const prefix = cluster.freshPrefix();
  const link = await links.open(cluster, { prefix, shards: 1, waitReplicas: 1, commandTimeoutMs: 500 });
  const from = await cluster.holderOf(keyOf(prefix, 0));
  // Begins to move the slot right after its change, so that the question for replicas is refused.
  const leaving = script(
    "leaving",
    `redis.call("RPUSH", KEYS[1] .. "ran", "once")
    redis.call("CLUSTER", "SETSLOT", ARGV[1], "MIGRATING", ARGV[2])`,
  );
  const slot = await from.cli("CLUSTER", "KEYSLOT", keyOf(prefix, 0));
  const target = await another(from).cli("CLUSTER", "MYID");
  const { kind, message } = await failure(link.run(leaving, 0, [slot, target], { durable: true }));
  await from.cli("CLUSTER", "SETSLOT", slot, "STABLE");
  expect(kind).toBe("unavailable");
  expect(message).toContain("(ASK)");
  expect(await ran(link)).toEqual(["once"]);
});

describe("a server that is away", () => {
  test("takes its shards with it and no others, until it is back", async () => {
    const prefix = cluster.freshPrefix();
    const link = await links.open(cluster, { prefix, commandTimeoutMs: 500 });
    const victim = await cluster.holderOf(keyOf(prefix, 0));
    const elsewhere = await shardElsewhere(prefix, victim);
    for (const server of cluster.masters)
      await server.cli("CONFIG", "SET", "cluster-require-full-coverage", "no");
    await victim.kill();
    const { kind, message } = await failure(link.run(NOTE, 0, ["x"]));
    expect(kind).toBe("unavailable");
    expect(message).toContain(`127.0.0.1:${victim.port}`);
    expect(await link.run(NOTE, elsewhere, ["x"])).toBe(1);
    await victim.start();
    await eventually("it is back", async () => Number(await link.run(NOTE, 0, ["y"])) > 0);
  });

  async function shardElsewhere(prefix: string, than: RedisServer): Promise<number> {
    for (let shard = 1; shard < 16; shard++) {
      if ((await cluster.holderOf(keyOf(prefix, shard))) !== than) return shard;
    }
    throw new Error("all shards are on one server");
  }
});

describe("a master whose replica takes over", () => {
  test.each([
    ["killed", (master: RedisServer) => master.kill()],
    ["silent", async (master: RedisServer) => master.pause()],
  ])("because it is %s is followed, and nothing runs twice", async (_why, strike) => {
    await using set = await startCluster({ replicas: 1 });
    const prefix = set.freshPrefix();
    const link = await links.open(set, { prefix, shards: 6, commandTimeoutMs: 1_000 });
    const master = await set.holderOf(keyOf(prefix, 0));
    await noteThrough(
      link,
      async () => {
        await strike(master);
        await eventually("another answers", async () => Number(await link.run(NOTE, 0, ["over"])) > 0);
      },
      { shards: 6 },
    );
    for (let shard = 0; shard < 6; shard++) {
      const all = (await ran(link, shard)).filter((id) => id !== "over");
      expect(new Set(all).size).toBe(all.length);
    }
  });

  test("has what was durable", async () => {
    await using set = await startCluster({ masters: 1, replicas: 1 });
    const link = await links.open(set, { shards: 2, waitReplicas: 1, commandTimeoutMs: 1_000 });
    const acknowledged = await noteThrough(link, async () => {}, { durable: true, shards: 2 });
    const [master, replica] = [set.masters[0], set.replicas[0]];
    await master?.kill();
    await replica?.cli("CLUSTER", "FAILOVER", "TAKEOVER");
    await eventually("the replica answers", async () => Number(await link.run(NOTE, 0, ["over"])) > 0);
    const all = (await Promise.all([ran(link, 0), ran(link, 1)])).flat();
    expect(acknowledged.length).toBeGreaterThan(300);
    expect(acknowledged.filter((id) => !all.includes(id))).toEqual([]);
  });
});

test("a wrong password fails the start at once", async () => {
  for (const server of cluster.masters) await server.cli("CONFIG", "SET", "requirepass", "right");
  const since = performance.now();
  const { message } = await failure(links.open(cluster, { url: cluster.url.replace("//", "//:wr0ng@") }));
  expect(performance.now() - since).toBeLessThan(1_000);
  const link = await links.open(cluster, { url: cluster.url.replace("//", "//:right@") });
  await link.ping();
  for (const server of cluster.masters) await server.cli("-a", "right", "CONFIG", "SET", "requirepass", "");
  expect(message).toContain("it does not take the user or password of storage.url (WRONGPASS)");
});
