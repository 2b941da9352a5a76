import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { script } from "../../../src/storage/redis/scripts.ts";
import { eventually, type Redis, startCluster, startRedis } from "../../support/redis.ts";
import { failure, Links, NOTE, ran } from "./links.ts";

let redis: Redis;
let other: Redis;
const links = new Links();
beforeAll(async () => {
  [redis, other] = await Promise.all([startRedis(), startRedis()]);
});
afterEach(() => links.close());
afterAll(() => Promise.all([redis.stop(), other.stop()]));

const place = () => `Redis at 127.0.0.1:${redis.port}`;
const SECRET = "s3cret-argument";

describe("a server that takes no changes", () => {
  test("because it became a replica is left, and a call that it refused runs where it may", async () => {
    const link = await links.open(redis);
    await link.run(NOTE, 0, ["before"]);
    await redis.cli("REPLICAOF", other.host, String(other.port));
    const called = link.run(NOTE, 0, ["meanwhile"]);
    await eventually("it has refused", async () =>
      (await redis.cli("INFO", "errorstats")).includes("READONLY"),
    );
    await redis.cli("REPLICAOF", "NO", "ONE");
    await called;
    expect((await ran(link)).filter((id) => id === "meanwhile")).toHaveLength(1);
  });

  test("because it stays a replica is named", async () => {
    const link = await links.open(redis, { commandTimeoutMs: 300 });
    await redis.cli("REPLICAOF", other.host, String(other.port));
    const { kind, message } = await failure(link.run(NOTE, 0, ["x"]));
    await redis.cli("REPLICAOF", "NO", "ONE");
    expect(kind).toBe("unavailable");
    expect(message).toBe(`${place()}: it is a read-only replica; storage.url must lead to the master`);
  });

  test("because its memory is used up says so, and has done nothing", async () => {
    const link = await links.open(redis);
    await redis.cli("CONFIG", "SET", "maxmemory", "1");
    const { kind, message } = await failure(link.run(NOTE, 0, ["x"]));
    await redis.cli("CONFIG", "SET", "maxmemory", "0");
    expect(kind).toBe("unavailable");
    expect(message).toStartWith(`${place()}: its memory is used up`);
    expect(await ran(link)).toEqual([]);
  });

  test("because a script of somebody runs for long says so", async () => {
    const link = await links.open(redis, { commandTimeoutMs: 1_000 });
    await redis.cli("CONFIG", "SET", "busy-reply-threshold", "1");
    const endless = redis.cli("EVAL", "while true do end", "0").catch(String);
    await eventually("it is busy", async () => (await redis.cli("PING").catch(String)).includes("BUSY"));
    const { kind, message } = await failure(link.run(NOTE, 0, ["x"]));
    await redis.cli("SCRIPT", "KILL");
    await redis.cli("CONFIG", "SET", "busy-reply-threshold", "5000");
    expect([kind, message]).toEqual(["unavailable", `${place()}: somebody's script keeps it busy (BUSY)`]);
    expect(await endless).toContain("killed");
  });
});

describe("a server that jobs cannot be trusted to is refused at the start:", () => {
  test("one that throws keys away", async () => {
    await redis.cli("CONFIG", "SET", "maxmemory", "100mb", "maxmemory-policy", "allkeys-lru");
    const { kind, message } = await failure(links.open(redis));
    await redis.cli("CONFIG", "SET", "maxmemory", "0", "maxmemory-policy", "noeviction");
    expect(kind).toBe("unavailable");
    expect(message).toContain("maxmemory-policy allkeys-lru");
    expect(message).toContain("set maxmemory-policy noeviction");
  });

  test("a replica", async () => {
    await redis.cli("REPLICAOF", other.host, String(other.port));
    const { message } = await failure(links.open(redis, { commandTimeoutMs: 300 }));
    await redis.cli("REPLICAOF", "NO", "ONE");
    expect(message).toContain("read-only replica");
  });

  test("one of a cluster, and one of none where a cluster is named", async () => {
    await using cluster = await startCluster({ masters: 1 });
    const plain = cluster.url.replace("redis+cluster", "redis");
    expect((await failure(links.open(cluster, { url: plain }))).message).toContain(
      "it is a server of a cluster; write redis+cluster:// in storage.url",
    );
    const url = redis.url.replace("redis:", "redis+cluster:");
    const { message } = await failure(links.open(redis, { url, commandTimeoutMs: 300 }));
    expect(message).toContain("cluster support disabled");
  });
});

describe("a script that goes wrong", () => {
  test("on data of another kind than ours is about what is stored", async () => {
    const link = await links.open(redis);
    await link.run(script("set", 'redis.call("SET", KEYS[1] .. "ran", "text")'), 0, []);
    const { kind, message } = await failure(link.run(NOTE, 0, [SECRET]));
    expect(kind).toBe("corrupt");
    expect(message).toStartWith(`${place()}: WRONGTYPE `);
  });

  test("names its line, and repeats neither arguments nor how it was called", async () => {
    const link = await links.open(redis);
    const broken = script("broken", "local t = nil\nreturn t[ARGV[1]]");
    const error = await failure(link.run(broken, 0, [SECRET]));
    expect(error.kind).toBe("corrupt");
    expect(error.message).toContain("user_script:2");
    expect(Bun.inspect(error, { depth: 10 })).not.toContain(SECRET);
  });
});

describe("a password", () => {
  test("that is asked for and not given, or wrong, fails the start at once", async () => {
    await redis.cli("CONFIG", "SET", "requirepass", "right");
    const url = (login: string) => `redis://${login}127.0.0.1:${redis.port}`;
    const since = performance.now();
    const missing = await failure(links.open(redis, { url: url("") }));
    const wrong = await failure(links.open(redis, { url: url(":wr0ng@") }));
    const unknown = await failure(links.open(redis, { url: url("bob:wr0ng@") }));
    expect(performance.now() - since).toBeLessThan(1_000);
    const link = await links.open(redis, { url: url(":right@") });
    await link.run(NOTE, 0, ["x"]);
    await redis.cli("-a", "right", "CONFIG", "SET", "requirepass", "");
    expect(missing.message).toBe(`${place()}: it asks for a password; give one in storage.url (NOAUTH)`);
    for (const error of [wrong, unknown]) {
      expect(error.message).toBe(
        `${place()}: it does not take the user or password of storage.url (WRONGPASS)`,
      );
      expect(Bun.inspect(error, { depth: 10 })).not.toContain("wr0ng");
    }
  });

  test("that nobody asked for is no obstacle", async () => {
    const link = await links.open(redis, { url: `redis://:unneeded@127.0.0.1:${redis.port}` });
    expect(await link.run(NOTE, 0, ["x"])).toBe(1);
  });
});
