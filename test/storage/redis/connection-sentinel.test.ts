import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { eventually, type SentinelSet, startSentinelSet } from "../../support/redis.ts";
import { failure, Links, NOTE, noteThrough, ran } from "./links.ts";

let set: SentinelSet;
const links = new Links();
beforeAll(async () => {
  set = await startSentinelSet();
});
afterEach(() => links.close());
afterAll(() => set.stop());

/** Both servers up, one of them following the other. */
function whole(): Promise<void> {
  return eventually("a replica follows", async () => {
    const master = await set.master();
    return /connected_slaves:1/.test(await master.cli("INFO", "replication"));
  });
}

describe("the master", () => {
  test("is found through its sentinels", async () => {
    const link = await links.open(set);
    expect(await link.run(NOTE, 0, ["x"], { durable: true })).toBe(1);
    await link.ping();
  });

  test("is found though the first sentinels named are away, and one knows no such master", async () => {
    const { port } = set.sentinels[2] ?? { port: 0 };
    const master = await set.master();
    // A plain server answers SENTINEL with an error.
    const url = `redis+sentinel://127.0.0.1:1,127.0.0.1:${master.port},127.0.0.1:${port}/main`;
    const link = await links.open(set, { url });
    expect(await link.run(NOTE, 0, ["x"])).toBe(1);
  });

  test("is found by a user of the sentinels who may do no more than that", async () => {
    const [sentinel] = set.sentinels;
    const rules = [
      "&+switch-master",
      "+sentinel|get-master-addr-by-name",
      "+subscribe",
      "+ping",
      "+client|setname",
    ];
    await sentinel?.cli("ACL", "SETUSER", "eve", "on", ">pa@ss", ...rules);
    const url = (password: string) =>
      `redis+sentinel://127.0.0.1:${sentinel?.port}/main?sentinel_username=eve&sentinel_password=${password}`;
    const link = await links.open(set, { url: url("pa%40ss") });
    expect(await link.run(NOTE, 0, ["x"])).toBe(1);
    await eventually("it listens for another master", async () =>
      / user=eve /.test((await sentinel?.cli("CLIENT", "LIST", "TYPE", "PUBSUB")) ?? ""),
    );
    const { message } = await failure(links.open(set, { url: url("wr0ng") }));
    expect(message).toBe(
      `Redis master main: its sentinel at 127.0.0.1:${sentinel?.port}: it does not take the user or password of storage.url (WRONGPASS)`,
    );
  });

  test("of another name is none", async () => {
    const { kind, message } = await failure(links.open(set, { url: set.url.replace(/main$/, "mian") }));
    expect(kind).toBe("unavailable");
    expect(message).toContain("knows no master named mian");
  });

  test("is not found without a sentinel", async () => {
    const url = "redis+sentinel://127.0.0.1:1/main";
    const { message } = await failure(links.open(set, { url, commandTimeoutMs: 300 }));
    expect(message).toContain(
      "Redis master main: its sentinel at 127.0.0.1:1: it cannot be reached (ECONNREFUSED)",
    );
  });
});

describe("what is durable", () => {
  test("is on a replica, together with what others wait for", async () => {
    const link = await links.open(set);
    const calls = Array.from({ length: 500 }, (_, n) => link.run(NOTE, 0, [n], { durable: true }));
    expect((await Promise.all(calls)).sort((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 500 }, (_, n) => n + 1),
    );
  });

  test("is not acknowledged while no replica follows, and other calls go on", async () => {
    const link = await links.open(set, { commandTimeoutMs: 600 });
    const master = await set.master();
    const replica = set.servers.find((server) => server !== master);
    replica?.pause();
    const durable = failure(link.run(NOTE, 0, ["x"], { durable: true }));
    const since = performance.now();
    await link.run(NOTE, 0, ["y"]);
    expect(performance.now() - since).toBeLessThan(250);
    const { kind, message } = await durable;
    replica?.resume();
    expect(kind).toBe("unavailable");
    expect(message).toContain("0 of 1 replicas have the change in time (storage.redis.wait_replicas)");
    expect((await ran(link)).toSorted()).toEqual(["x", "y"]);
  });

  test("needs no replica where none is asked for", async () => {
    const link = await links.open(set, { waitReplicas: 0, commandTimeoutMs: 600 });
    const master = await set.master();
    const replica = set.servers.find((server) => server !== master);
    replica?.pause();
    await link.run(NOTE, 0, ["x"], { durable: true });
    replica?.resume();
  });
});

describe("a failover", () => {
  test.each([
    ["of a master that was killed", "kill", "start"],
    ["of a master that fell silent and comes back believing that it is one", "pause", "resume"],
  ] as const)("%s loses nothing that was durable, and nothing runs twice", async (_what, strike, mend) => {
    await whole();
    // Longer than the longest pause between two attempts to connect.
    const link = await links.open(set, { commandTimeoutMs: 3_000 });
    const master = await set.master();
    const acknowledged = await noteThrough(
      link,
      async () => {
        await master[strike]();
        await set.waitForFailover(master);
        await master[mend]();
        // The sentinels would do it, in ten seconds.
        await master.cli("REPLICAOF", "127.0.0.1", String((await set.master()).port));
        await whole();
      },
      { durable: true },
    );
    const all = await ran(link);
    expect(new Set(all).size).toBe(all.length);
    expect(acknowledged.filter((id) => !all.includes(id))).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(100);
  });

  test("by hand is followed within a moment", async () => {
    await whole();
    const link = await links.open(set);
    const master = await set.master();
    await link.run(NOTE, 0, ["before"], { durable: true });
    await eventually("the sentinel takes the replica for one that can replace its master", async () => {
      const answer = set.sentinels[0]?.cli("SENTINEL", "FAILOVER", "main");
      return (await answer?.catch(({ message }: Error) => message))?.includes("NOGOODSLAVE") === false;
    });
    await set.waitForFailover(master);
    expect(Number(await link.run(NOTE, 0, ["after"]))).toBe(2);
  });
});
