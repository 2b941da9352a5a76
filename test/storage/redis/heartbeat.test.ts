import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { systemClock } from "../../../src/core/clock.ts";
import { idSource, shardOfId } from "../../../src/core/ids.ts";
import type { RunToken } from "../../../src/core/job.ts";
import { noWork } from "../../../src/engine/node-work.ts";
import { pack, type RunRecord, unpack } from "../../../src/storage/redis/codec.ts";
import type { RedisLink } from "../../../src/storage/redis/link.ts";
import { heartbeat } from "../../../src/storage/redis/methods/heartbeat.ts";
import { nodeReports, registerNode } from "../../../src/storage/redis/methods/nodes.ts";
import { leases } from "../../../src/storage/redis/methods/reap.ts";
import { script } from "../../../src/storage/redis/scripts.ts";
import { nodeReport } from "../../../src/worker/node-report.ts";
import { type Redis, startRedis } from "../../support/redis.ts";
import { cutOff, watched } from "./cut-link.ts";
import { Links } from "./links.ts";

const WHO = { node: "n", incarnation: "i" };
/** Stores entries of `runs`, as claims do. */
const PUT_RUNS = script("put-runs", 'redis.call("HSET", KEYS[1] .. "runs", unpack(ARGV))');

const PULSE = script("pulse-of", 'return redis.call("HGET", KEYS[1] .. "pulse", ARGV[1])');

const links = new Links();
let redis: Redis;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.stop());
afterEach(() => links.close());

describe.each([1, 3])("a heartbeat over %i shards", (shards) => {
  /** More than one script renews, on each shard. */
  const MANY = 1_500 * shards;
  const ids = idSource(systemClock);
  let link: RedisLink;
  let runs: RunToken[];

  beforeEach(async () => {
    link = await links.open(redis, { shards });
    await registerNode(link)({
      node: { name: "n", incarnation: "i", hostname: "h", pid: 1, capacity: 1, sites: null },
    });
    runs = Array.from({ length: MANY }, (_, n) => ({ id: ids.job(n % shards), run: n, nonce: `nonce-${n}` }));
    await put(runs.map((token) => [token, 0]));
  });

  test("renews the leases of thousands of runs, each once", async () => {
    expect(await beat()).toEqual({ known: true, lost: [], abort: [], stop: [] });
    expect(await renewals()).toEqual(new Map([[2, MANY]]));
  });

  test("tells which of them are over, and which to abort, wherever they are", async () => {
    const at = [0, 2, shards + 3, MANY - 1];
    const some = at.map((n) => runs[n] ?? { id: "", run: 0, nonce: "" });
    await put(some.map((token) => [token, 1]));
    const zombies = [
      { id: ids.job(0), run: 1, nonce: "a" },
      ...some.map((token) => ({ ...token, nonce: "another" })),
      ...some.map((token) => ({ ...token, run: token.run + 1 })),
    ];
    const { lost, abort } = await beat([...runs, ...zombies]);
    expect(abort.toSorted()).toEqual(some.map(({ id }) => id).toSorted());
    expect(lost.toSorted()).toEqual(zombies.map(({ id }) => id).toSorted());
  });

  test("leaves the node's report on the first shard only, also where that has thousands of runs", async () => {
    const report = nodeReport({ ...noWork(), claims: 7 }, { idle: 0, displaced: 0 });
    await heartbeat(link)({ ...WHO, runs, workers: [], hostMemory: { 42: 35.5 }, report });
    expect(await nodeReports(link)()).toMatchObject([{ name: "n", report: { claims: 7 } }]);
    for (let shard = 0; shard < shards; shard++) {
      const [, , words] = unpack((await link.run(PULSE, shard, ["n"])) as Buffer) as unknown[];
      expect(JSON.parse(`${words}`)).toEqual(shard === 0 ? { 42: 35.5, report } : { 42: 35.5 });
    }
  });

  test("of a node that was declared lost renews nothing, and asks no shard but the first", async () => {
    const asked: number[] = [];
    const counting = watched(link, (_script, shard) => void asked.push(shard));
    const answer = await heartbeat(counting)({ ...WHO, incarnation: "j", runs, workers: [], hostMemory: {} });
    expect(answer).toMatchObject({ known: false, lost: runs.map(({ id }) => id) });
    expect(asked).toEqual([0]);
    expect(await renewals()).toEqual(new Map([[1, MANY]]));
  });

  test("fails when the first shard is out of reach: nobody can say that the node is alive", async () => {
    const call = heartbeat(cutOff(link, [0]))({ ...WHO, runs, workers: [], hostMemory: {} });
    await expect(call).rejects.toMatchObject({ name: "StorageError", kind: "unavailable" });
    expect(await renewals()).toEqual(new Map([[1, MANY]]));
  });

  if (shards > 1) {
    test("renews on all shards but the one that is out of reach, and tells which leases it did not renew", async () => {
      const away = shards - 1;
      const answer = await heartbeat(cutOff(link, [away]))({ ...WHO, runs, workers: [], hostMemory: {} });
      const there = runs.filter(({ id }) => shardOfId(id) === away).map(({ id }) => id);
      expect(answer).toMatchObject({ known: true, lost: [], abort: [], stop: [] });
      expect(answer.unanswered?.runs.toSorted()).toEqual(there.toSorted());
      expect(answer.unanswered?.error.message).toContain(`shard ${away} is out of reach`);
      expect(await renewals()).toEqual(
        new Map([
          [1, there.length],
          [2, MANY - there.length],
        ]),
      );
    });
  }

  async function put(entries: [RunToken, abort: 0 | 1][]): Promise<void> {
    for (let shard = 0; shard < shards; shard++) {
      const own = entries.filter(([{ id }]) => shardOfId(id) === shard);
      for (let from = 0; from < own.length; from += 500) {
        const flat = own.slice(from, from + 500).flatMap(([{ id, run, nonce }, abort]) => {
          return [id, pack([run, nonce, "n", "w", 1, abort] satisfies RunRecord)];
        });
        await link.run(PUT_RUNS, shard, flat);
      }
    }
  }

  function beat(given = runs) {
    return heartbeat(link)({ ...WHO, runs: given, workers: [], hostMemory: {} });
  }

  /** How many leases were renewed how often. */
  async function renewals(): Promise<Map<number, number>> {
    const counts = new Map<number, number>();
    for (const { renewal } of await leases(link)()) counts.set(renewal, (counts.get(renewal) ?? 0) + 1);
    return counts;
  }
});
