import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { systemClock } from "../../../src/core/clock.ts";
import { StartupError } from "../../../src/core/errors.ts";
import { connectRedis } from "../../../src/storage/redis/connection.ts";
import { script } from "../../../src/storage/redis/scripts.ts";
import { freePort } from "../../support/ports.ts";
import { eventually, type Redis, startRedis } from "../../support/redis.ts";
import { failure, Links, NOTE, noteThrough, ran } from "./links.ts";

let redis: Redis;
const links = new Links();
beforeAll(async () => {
  redis = await startRedis({ appendOnly: true });
});
afterEach(() => links.close());
afterAll(() => redis.stop());

const ECHO = script("echo", "return { ARGV[1], ARGV[2], ARGV[3], false, 7, KEYS[1], { {} } }");

describe("a call", () => {
  test("takes text, numbers and bytes, and answers bytes and numbers", async () => {
    const prefix = redis.freshPrefix();
    const link = await links.open(redis, { prefix });
    const bytes = new Uint8Array([9, 0, 13, 10, 255]).subarray(1);
    expect(await link.run(ECHO, 0, ["text ü", 42, bytes])).toEqual([
      Buffer.from("text ü"),
      Buffer.from("42"),
      Buffer.from([0, 13, 10, 255]),
      null,
      7,
      Buffer.from(`{${prefix}:0}:`),
      [[]],
    ]);
  });

  test("reaches the shard it names, each with its own keys", async () => {
    const link = await links.open(redis, { shards: 3 });
    expect(link.shards).toBe(3);
    await Promise.all([0, 1, 2].map((shard) => link.run(NOTE, shard, [`on ${shard}`])));
    expect(await Promise.all([0, 1, 2].map((shard) => ran(link, shard)))).toEqual([
      ["on 0"],
      ["on 1"],
      ["on 2"],
    ]);
    expect(() => link.run(NOTE, 3, [])).toThrow(RangeError);
  });

  test("does not need the server to know its script", async () => {
    const link = await links.open(redis);
    await link.run(NOTE, 0, ["a"]);
    await redis.cli("SCRIPT", "FLUSH");
    await Promise.all(["b", "c", "d"].map((id) => link.run(NOTE, 0, [id])));
    expect(await ran(link)).toEqual(["a", "b", "c", "d"]);
  });

  test("sends a script's text once, then its name", async () => {
    const link = await links.open(redis);
    const only = script("only", "return 1 -- only here");
    await redis.cli("CONFIG", "RESETSTAT");
    for (let n = 0; n < 3; n++) await link.run(only, 0, []);
    const stats = await redis.cli("INFO", "commandstats");
    expect(stats).toMatch(/cmdstat_eval:calls=1,/);
    expect(stats).toMatch(/cmdstat_evalsha:calls=3,/);
  });

  test("reads keys without their prefix, null where there is none", async () => {
    const link = await links.open(redis);
    await link.run(script("set", 'redis.call("SET", KEYS[1] .. "a", ARGV[1])'), 0, [Buffer.from([0, 255])]);
    expect(await link.read(0, ["a", "b"])).toEqual([Buffer.from([0, 255]), null]);
    expect(await link.read(0, ["b"])).toEqual([null]);
    expect(await link.read(0, [])).toEqual([]);
  });
});

describe("hints", () => {
  const publish = script("publish", 'return redis.call("PUBLISH", ARGV[1], ARGV[2])');

  test("reach every listener of every link of a store until it stops, and nobody else", async () => {
    const prefix = redis.freshPrefix();
    const [one, other, stranger] = await Promise.all([
      links.open(redis, { prefix }),
      links.open(redis, { prefix }),
      links.open(redis),
    ]);
    const heard: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    stranger.listen((message) => heard.push(`stranger ${message}`));
    const stop = one.listen((message) => heard.push(`stopped ${message}`));
    stop();
    one.listen((message) => heard.push(`one ${message}`));
    other.listen((message) => {
      heard.push(`other ${message}`);
      if (message === "last") resolve();
    });
    await one.run(publish, 0, [`${prefix}:hints`, "queued\thost:r1\njob\t17\tqueued"]);
    await one.run(publish, 0, [`${prefix}:hints`, "last"]);
    await promise;
    await eventually("both have heard it", async () => heard.length === 4);
    expect(heard.sort()).toEqual([
      "one last",
      "one queued\thost:r1\njob\t17\tqueued",
      "other last",
      "other queued\thost:r1\njob\t17\tqueued",
    ]);
  });

  test("come again after the server was away", async () => {
    const prefix = redis.freshPrefix();
    const link = await links.open(redis, { prefix });
    const heard: string[] = [];
    link.listen((message) => heard.push(message));
    await redis.restart();
    await eventually(
      "somebody listens again",
      async () => (await link.run(publish, 0, [`${prefix}:hints`, "again"])) === 1,
    );
    await eventually("it was heard", async () => heard.includes("again"));
  });

  test("come again after the server was silent, though nobody asked it anything", async () => {
    const prefix = redis.freshPrefix();
    const after = (ms: number, run: () => void) => systemClock.after(ms > 5_000 ? ms / 50 : ms, run);
    const link = await links.open(redis, { prefix, clock: { ...systemClock, after }, commandTimeoutMs: 300 });
    const heard: string[] = [];
    link.listen((message) => heard.push(message));
    const first = await hintsConnection();
    redis.pause();
    await eventually("the silence is noticed", async () => !connected(first));
    redis.resume();
    // Nobody hears those that come before it listens again.
    await eventually("a hint is heard", async () => {
      await link.run(publish, 0, [`${prefix}:hints`, "again"]);
      return heard.includes("again");
    });
  });
});

/** The client's port of the only connection for hints. */
async function hintsConnection(): Promise<string> {
  const clients = await redis.cli("CLIENT", "LIST", "TYPE", "PUBSUB");
  return clients.match(/ addr=127\.0\.0\.1:(\d+) .* name=netpulse-hints /)?.[1] ?? "none";
}

/** Whether the client believes that this connection is open. */
function connected(port: string): boolean {
  const digits = Number(port).toString(16).toUpperCase().padStart(4, "0");
  const line = new RegExp(`^ *\\d+: 0100007F:${digits} \\S+ 01 `, "m");
  return line.test(readFileSync("/proc/net/tcp", "utf8"));
}

describe("a server that is restarted", () => {
  test("keeps all that was acknowledged, and nothing runs twice", async () => {
    const link = await links.open(redis);
    const acknowledged = await noteThrough(link, async () => {
      for (let n = 0; n < 3; n++) await redis.restart();
    });
    const all = await ran(link);
    expect(new Set(all).size).toBe(all.length);
    expect(acknowledged.filter((id) => !all.includes(id))).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(300);
  });

  test("by a crash, too", async () => {
    const link = await links.open(redis);
    const acknowledged = await noteThrough(link, async () => {
      await redis.kill();
      await redis.start();
    });
    const all = await ran(link);
    expect(new Set(all).size).toBe(all.length);
    expect(acknowledged.filter((id) => !all.includes(id))).toEqual([]);
  });

  test("is waited for, and a call fails clearly when it does not come", async () => {
    const link = await links.open(redis, { commandTimeoutMs: 300 });
    await redis.kill();
    const since = performance.now();
    const { kind, message } = await failure(link.run(NOTE, 0, ["x"]));
    expect(performance.now() - since).toBeGreaterThan(250);
    expect(kind).toBe("unavailable");
    expect(message).toBe(`Redis at 127.0.0.1:${redis.port}: it cannot be reached (ECONNREFUSED)`);
    await redis.start();
    await eventually("it is found again", async () => (await link.run(NOTE, 0, ["y"])) === 1);
  });

  test("does not let calls pile up without a bound", async () => {
    const link = await links.open(redis, { commandTimeoutMs: 1_000 });
    await redis.kill();
    const failures = await Promise.all(
      Array.from({ length: 1_500 }, () => failure(link.run(NOTE, 0, ["x"]))),
    );
    expect(failures.filter(({ message }) => message.includes("too many calls wait")).length).toBeGreaterThan(
      400,
    );
    await redis.start();
  });
});

describe("a server that is silent", () => {
  test("makes a call fail in time, and what it was told before runs once", async () => {
    const link = await links.open(redis, { commandTimeoutMs: 400 });
    await link.run(NOTE, 0, ["before"]);
    redis.pause();
    const since = performance.now();
    const ids = Array.from({ length: 50 }, (_, n) => `id-${n}`);
    const failures = await Promise.all(ids.map((id) => failure(link.run(NOTE, 0, [id]))));
    expect(performance.now() - since).toBeLessThan(1_000);
    for (const { kind, message } of failures) {
      expect(kind).toBe("unavailable");
      expect(message).toMatch(/no answer in time .*may have been done/);
    }
    redis.resume();
    await eventually("it is used again", async () => Number(await link.run(NOTE, 0, ["after"])) > 0);
    await eventually("the first connections are gone", async () => {
      const clients = await redis.cli("CLIENT", "LIST");
      return clients.match(/ name=netpulse /g)?.length === 1;
    });
    const all = (await ran(link)).filter((id) => id !== "after");
    expect(all).toEqual(["before", ...ids]);
  });

  test("while connecting is given up, too", async () => {
    redis.pause();
    const since = performance.now();
    const { message } = await failure(links.open(redis, { commandTimeoutMs: 300 }));
    expect(performance.now() - since).toBeLessThan(1_500);
    redis.resume();
    expect(message).toBe(`Redis at 127.0.0.1:${redis.port}: it does not answer`);
  });
});

describe("at the start", () => {
  test("a server that is away for a moment is waited for", async () => {
    await redis.kill();
    const opening = links.open(redis);
    await redis.start();
    const link = await opening;
    expect(await link.run(NOTE, 0, ["x"])).toBe(1);
  });

  test("one that does not come is named", async () => {
    const port = await freePort();
    const options = { options: { url: `redis://:s3cr3t@127.0.0.1:${port}` }, freshPrefix: redis.freshPrefix };
    const { kind, message } = await failure(links.open(options, { commandTimeoutMs: 200 }));
    expect(kind).toBe("unavailable");
    expect(message).toBe(`Redis at 127.0.0.1:${port}: it cannot be reached (ECONNREFUSED)`);
  });

  test("a host that no name server knows is named", async () => {
    const options = { options: { url: "redis://no-such-host.invalid" }, freshPrefix: redis.freshPrefix };
    const { message } = await failure(links.open(options, { commandTimeoutMs: 200 }));
    expect(message).toMatch(/^Redis at no-such-host.invalid:6379: it cannot be reached \(\w+\)$/);
  });

  test("a URL that is none is refused", async () => {
    await expect(connectRedis({ url: "redis://", clock: systemClock })).rejects.toThrow(StartupError);
  });

  test("a database that the server does not have is not replaced by another", async () => {
    const url = `${redis.url}/99`;
    const { message } = await failure(links.open({ ...redis, options: { url } }, { commandTimeoutMs: 300 }));
    expect(message).toContain("DB index is out of range");
  });

  test("a server that would forget jobs when it is restarted is warned of", async () => {
    const warnings: string[] = [];
    const warn = (message: string) => warnings.push(message);
    await links.open(redis, { warn });
    expect(warnings).toEqual([]);
    await redis.cli("CONFIG", "SET", "appendonly", "no");
    await links.open(redis, { warn });
    await redis.cli("CONFIG", "SET", "appendonly", "yes");
    expect(warnings).toEqual([
      expect.stringMatching(/^Redis at 127.0.0.1:\d+ may lose .* appendonly to yes$/),
    ]);
  });

  test("each database is a store of its own", async () => {
    const prefix = redis.freshPrefix();
    const [one, two] = await Promise.all(
      [1, 2].map((db) => links.open(redis, { prefix, url: `${redis.url}/${db}` })),
    );
    await one?.run(NOTE, 0, ["one"]);
    expect(await two?.run(NOTE, 0, ["two"])).toBe(1);
  });
});

describe("a link that is closed", () => {
  test("has answered what was under way, and takes nothing more", async () => {
    const link = await links.open(redis);
    const calls = Array.from({ length: 100 }, (_, n) => link.run(NOTE, 0, [n]));
    const closed = link.close();
    expect(link.close()).toBe(closed);
    const { kind, message } = await failure(link.run(NOTE, 0, ["late"]));
    expect([kind, message]).toEqual(["unavailable", "Redis: the storage is closed"]);
    expect(await Promise.all(calls)).toHaveLength(100);
    await closed;
    for (const call of [link.read(0, ["a"]), link.ping(), link.usedBytes()]) {
      expect((await failure(call)).message).toContain("the storage is closed");
    }
  });

  test("has left the server", async () => {
    const names = async () => (await redis.cli("CLIENT", "LIST")).match(/ name=netpulse(-hints)? /g) ?? [];
    await eventually("others have left", async () => (await names()).length === 0);
    const link = await links.open(redis);
    expect((await names()).sort()).toEqual([" name=netpulse ", " name=netpulse-hints "]);
    await link.close();
    await eventually("it has left", async () => (await names()).length === 0);
  });
});

test("ping finds a server that takes no changes", async () => {
  const link = await links.open(redis, { commandTimeoutMs: 300 });
  await link.ping();
  await redis.cli("CONFIG", "SET", "min-replicas-to-write", "1");
  const { kind, message } = await failure(link.ping());
  await redis.cli("CONFIG", "SET", "min-replicas-to-write", "0");
  expect(kind).toBe("unavailable");
  expect(message).toContain("too few replicas follow it");
});

test("usedBytes grows with what is stored", async () => {
  const link = await links.open(redis);
  const before = (await link.usedBytes()) ?? Number.NaN;
  await link.run(NOTE, 0, ["x".repeat(1_000_000)]);
  expect((await link.usedBytes()) ?? 0).toBeGreaterThan(before + 900_000);
});
