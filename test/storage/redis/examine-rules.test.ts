import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import type { Finding } from "../../../src/storage/examiner.ts";
import { pack } from "../../../src/storage/redis/codec.ts";
import { RULES, type RuleName } from "../../../src/storage/redis/examination/rules.ts";
import { T0 } from "../../support/factory.ts";
import { type Redis, startRedis } from "../../support/redis.ts";
import { fill, type Hand, type World, Worlds } from "./examined.ts";

const worlds = new Worlds();
let redis: Redis;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.stop());
afterEach(() => worlds.close());

async function sound(): Promise<World> {
  const made = await worlds.open(redis);
  await fill(made);
  return made;
}

/** What is found, its subjects without the shard's prefix. */
async function examined({ storage, prefix }: World): Promise<Finding[]> {
  const { findings } = await storage.examine({ limit: 50 });
  return findings.map(({ subject, ...rest }) => ({
    ...rest,
    subject: subject.replace(`{${prefix}:0}:`, ""),
  }));
}

type Damage = (hand: Hand) => Promise<unknown>;
/** Each rule, what is named, and what breaks it. */
type Broken = [rule: RuleName, subject: string, damage: Damage];

const BLOCK_OF_TOMORROW = "000099999999";
const FIFO_LANE = "FifoQ at 0, lane alice";

const KEYS: Broken[] = [
  ["known", "mine", (h) => h.do("SET", "mine", "x")],
  ["known", "marks:0:status:lost", (h) => h.do("SETBIT", "marks:0:status:lost", 1, 1)],
  ["known", "marks:0:colour:red", (h) => h.do("SETBIT", "marks:0:colour:red", 1, 1)],
  ["known", "ids:first", (h) => h.do("RPUSH", "ids:first", "job_a", 1)],
  ["known", "lanes:first:q", (h) => h.do("ZADD", "lanes:first:q", 1, "l")],
  ["known", "ready:0:q", (h) => h.do("ZADD", "ready:0:q", 1, "l")],
  ["known", "log:\ufffd", (h) => h.do("SET", Buffer.from("log:\xff", "latin1"), "x")],
  ["type", "died", (h) => replaced(h, "died")],
  ["type", "marks:0:status:queued", (h) => replaced(h, "marks:0:status:queued", "SADD")],
  ["type", "nodes", (h) => replaced(h, "nodes")],
  ["type", "job:job_a", (h) => replaced(h, "job:job_a", "SADD")],
  ["lapses", "job:job_a", (h) => h.do("EXPIRE", "job:job_a", 1_000)],
  ["lapses", "op:x", (h) => h.do("SET", "op:x", "x")],
  ["readable", "job_a", (h) => h.do("SET", "job:job_a", "oops")],
  ["readable", "job_a", (h) => h.do("SET", "job:job_a", pack([1, 2]))],
  ["readable", "job_a", (h) => h.edit("job_a", { attempts: "many" })],
  ["readable", "job_a", (h) => h.edit("job_a", { behind: "many" })],
  ["readable", "idle", (h) => h.do("HDEL", "w:idle", "session")],
  ["readable", "n", (h) => h.do("HSET", "nodes", "n", "oops")],
  ["readable", "marks:0:status:queued", (h) => replaced(h, "marks:0:status:queued", "SADD")],
  ["json", "job_done", (h) => h.edit("job_done", { result: "oops" })],
  ["json", "job_a", (h) => h.edit("job_a", { definition: "oops" })],
  ["json", "n", (h) => h.do("HSET", "pulse", "n", pack(["i", T0, "oops"]))],
  ["json", "host key of \\0h\\022", (h) => h.do("HSET", "hostkeys", "\0h\x0022", "{}")],
];

/** The record of the node that `fill` makes, with these sites. */
function nodeWith(sites: string): Buffer {
  return pack(["i", "machine", 100, 1_000, 1, T0, 0, T0, sites]);
}

const JOBS: Broken[] = [
  ["token", "job_a", (h) => h.edit("job_a", { nonce: false })],
  ["run", "job_a", (h) => h.do("HDEL", "runs", "job_a")],
  ["run", "job_a", (h) => h.do("HSET", "runs", "job_a", pack([1, "another", "n", "w_a", 1, 0]))],
  ["run", "job_done", (h) => h.do("HSET", "runs", "job_done", pack([1, "x", "n", "w_a", 1, 0]))],
  ["run", "gone", (h) => h.do("HSET", "runs", "gone", pack([1, "x", "n", "w_a", 1, 0]))],
  ["held", "pinned_a", (h) => h.do("HDEL", "held", "pinned_a")],
  ["held", "pinned_b", (h) => h.do("HSET", "held", "pinned_b", "job_p")],
  ["pinned_once", "pinned_a", (h) => h.edit("job_c", { queue: "pinned_a" })],
  ["worker_once", "w_a", (h) => h.edit("job_c", { worker: "w_a" })],
  [
    "worker_once",
    "w_gone",
    async (h) => {
      for (const id of ["job_a", "job_c"]) {
        await h.edit(id, { worker: "w_gone" });
      }
    },
  ],
  ["its_worker", "job_a", (h) => h.edit("job_a", { node: "other" })],
  ["busy", "w_a", (h) => h.do("HDEL", "w:w_a", "job")],
  ["busy", "idle", (h) => h.do("HSET", "w:idle", "job", "job_done")],
  ["busy", "idle", (h) => h.do("HSET", "w:idle", "job", "gone")],
  ["ended", "job_done", (h) => h.edit("job_done", { endedAt: false })],
  ["ended", "job_next", (h) => h.edit("job_next", { endedAt: T0 })],
  ["ended", "job_done", (h) => h.leave("job_done", "keep")],
  ["ended", "job_done", (h) => h.enter("job_done", "keep", 1)],
  ["ended", "job_a", (h) => h.enter("job_a", "keep", 1)],
  ["ended", "oops", (h) => h.do("ZADD", "keep", 1, "oops")],
  ["result", "job_done", (h) => h.edit("job_done", { result: false })],
  ["result", "job_off", (h) => h.edit("job_off", { result: "{}" })],
  ["begun", "job_done", (h) => h.edit("job_done", { startedAt: false })],
  ["begun", "job_next", (h) => h.edit("job_next", { startedAt: T0 })],
  ["waits", "job_p", (h) => h.do("DEL", "ready:0:8:pinned_balice")],
  ["attempts", "job_a", (h) => h.edit("job_a", { attempts: 2 })],
  ["sealed", "job_large", (h) => h.do("DEL", "sealed:job_large")],
  ["sealed", "job_done", (h) => h.do("SET", "sealed:job_done", "x")],
  ["sealed", "job_a", (h) => h.do("SET", "sealed:job_a", "x")],
  ["sealed", "job_done", (h) => h.edit("job_done", { behind: 7 })],
  ["left", "sealed of gone", (h) => h.do("SET", "sealed:gone", "x")],
  ["left", "log of gone", (h) => h.do("SET", "log:gone", "x")],
  ["clock", "job_a", (h) => h.do("SET", "clock", pack([1, 99, 1, 1]))],
  ["clock", "job_a", (h) => h.do("SET", "clock", pack([2 ** 52, 1, 1, 1]))],
  ["clock", "shard 0", (h) => h.do("DEL", "clock")],
  ["ordinal", "job_a", (h) => h.do("DEL", "ids:0")],
  ["ordinal", "job_a", (h) => h.edit("job_a", { ordinal: 0 })],
  ["blocks", "ids:0", (h) => h.do("DEL", "blocks")],
  ["blocks", "ids:0", (h) => h.do("ZADD", "blocks", 7, "000000000000")],
  ["blocks", "ids:0", (h) => h.do("RPUSH", "ids:0", "job_late", 7)],
  ["blocks", "ids:7", (h) => h.do("RPUSH", "ids:7", "job_a", 7)],
  ["span", "job_done", (h) => h.edit("job_done", { createdAt: 1 })],
  ["span", "job_done", (h) => h.do("DEL", "spans:min")],
  ["spans", "spans:max", (h) => h.do("ZADD", "spans:max", 1, BLOCK_OF_TOMORROW)],
  ["spans", "spans:min", (h) => h.do("ZADD", "spans:max", T0 * 2, BLOCK_OF_TOMORROW)],
  ["spans", "spans:min", (h) => h.do("ZADD", "spans:min", 1, "oops")],
];

const INDEXES: Broken[] = [
  ["status", "job_done", (h) => h.mark("job_done", "status:finished", 0)],
  ["status", "job_done", (h) => h.mark("job_done", "status:failed", 1)],
  ["status", "ordinal 500", (h) => h.do("SETBIT", "marks:0:status:failed", 500, 1)],
  ["counts", "finished", (h) => h.do("HINCRBY", "counts", "finished", 1)],
  ["counts", "started", (h) => h.do("DEL", "marks:0:status:started")],
  ["index", "job_done", (h) => h.mark("job_done", "all", 0)],
  ["index", "job_done", (h) => h.mark("job_done", "host:10.0.0.1", 0)],
  ["index", "job_done", (h) => h.mark("job_done", "host:another", 1)],
  ["index", "job_a", (h) => h.mark("job_a", "driver:cli", 0)],
  ["index", "job_a", (h) => h.do("DEL", "marks:0:node:n")],
  ["index", "job_a", (h) => h.do("DEL", "marks:0:worker:w_a")],
  ["index", "job_a", (h) => h.mark("job_a", "queue:FifoQ", 1)],
  ["index", "job_bad", (h) => h.do("DEL", "marks:0:batch:batch_1")],
  ["index", "job_a", (h) => h.mark("job_a", "batch:batch_1", 1)],
  ["index", "job_bad", (h) => h.mark("job_bad", "failed:host:10.0.0.1", 0)],
  ["index", "job_off", (h) => h.mark("job_off", "failed:driver:cli", 1)],
  ["known", "marks:0:failed:status:failed", (h) => h.do("SETBIT", "marks:0:failed:status:failed", 1, 1)],
  ["index", "ordinal 1023", (h) => h.do("SETBIT", "marks:0:worker:w_a", 1023, 1)],
  ["waiting", "job_next", (h) => h.leave("job_next", "waiting:FifoQ")],
  ["waiting", "job_next", (h) => h.enter("job_next", "waiting:FifoQ", 1)],
  ["waiting", "job_a", (h) => h.enter("job_a", "waiting:pinned_a", 1)],
  ["waiting", "77", (h) => h.do("ZADD", "waiting:pinned_a", 1, "77")],
  ["queues", "FifoQ", (h) => h.do("ZREM", "queues", "FifoQ")],
  ["queues", "FifoQ", (h) => h.do("ZADD", "queues", 1, "FifoQ")],
  ["queues", "pinned_a", (h) => h.do("ZADD", "queues", 0, "pinned_a")],
  ["delayed", "job_delayed", (h) => h.do("DEL", "delayed:FifoQ")],
  ["delayed", "job_next", (h) => h.do("ZADD", "delayed:FifoQ", 1, "job_next")],
  ["expires", "job_ttl", (h) => h.do("DEL", "expires")],
  ["expires", "job_next", (h) => h.enter("job_next", "expires", 1)],
  ["expires", "job_done", (h) => h.enter("job_done", "expires", 1)],
];

const LANES: Broken[] = [
  ["ready", "job_next", (h) => h.do("ZADD", "ready:0:5:FifoQalice", 1, "job_next")],
  ["ready", "job_bob", (h) => h.do("ZADD", "ready:0:5:FifoQalice", 1, "job_bob")],
  ["ready", "job_delayed", (h) => h.do("ZADD", "ready:0:5:FifoQalice", 1, "job_delayed")],
  ["ready", "job_done", (h) => h.do("ZADD", "ready:0:5:FifoQalice", 1, "job_done")],
  ["lane", FIFO_LANE, (h) => h.do("HDEL", "firsts:0:FifoQ", "alice")],
  ["lane", FIFO_LANE, (h) => h.do("HSET", "firsts:0:FifoQ", "alice", "0000000000000001")],
  ["lane", FIFO_LANE, (h) => h.do("ZADD", "lanes:0:FifoQ", 0, "0000000000000001alice")],
  ["lane", FIFO_LANE, (h) => h.do("DEL", "lanes:0:FifoQ")],
  [
    "lane",
    FIFO_LANE,
    async (h) => {
      await h.do("DEL", "lanes:0:FifoQ");
      await h.do("DEL", "firsts:0:FifoQ");
    },
  ],
  ["no_lane", "FifoQ at 0, lane bob", (h) => h.do("DEL", "ready:0:5:FifoQbob")],
  ["no_lane", "q at 0, lane l", (h) => h.do("ZADD", "lanes:0:q", 0, "0000000000000001l")],
  ["no_lane", "q at 0, lane l", (h) => h.do("HSET", "firsts:0:q", "l", "0000000000000001")],
  [
    "turn",
    "pinned_b at 0, lane alice",
    async (h) => {
      const first = await h.do("HGET", "firsts:0:pinned_b", "alice");
      await h.do("ZADD", "lanes:0:pinned_b", 7, `${first}alice`);
    },
  ],
  ["level", "FifoQ at 0", (h) => h.do("ZREM", "levels:FifoQ", 0)],
  ["level", "FifoQ at 0", (h) => h.do("ZADD", "levels:FifoQ", 1, 0)],
  ["no_level", "q at 3", (h) => h.do("ZADD", "levels:q", -3, 3)],
  ["no_level", "q at 3", (h) => h.do("HSET", "ticks:q", 3, 1)],
];

const BESIDE_JOBS: Broken[] = [
  ["idem", "1:sk", (h) => h.do("HDEL", "idem:1:sk", "job_keyed")],
  ["idem", "1:sk", (h) => h.do("HDEL", "idem:1:sk", "")],
  ["idem", "1:sk", (h) => h.do("HSET", "idem:1:sk", "gone", 1)],
  ["idem", "1:sk", (h) => h.do("HSET", "idem:1:sk", "job_done", 1)],
  ["idem", "1:sk", (h) => h.edit("job_keyed", { idempotency: "1:sother" })],
  ["idem", "1:sempty", (h) => h.do("HSET", "idem:1:sempty", "", "f")],
  ["batch", "b", (h) => h.do("RPUSH", "batch-record:b", "x")],
  ["batch", "b", (h) => h.do("ZADD", "batches", Date.now(), "b")],
  [
    "open_batch",
    "b",
    async (h) => {
      await h.do("ZADD", "batches", T0, "b");
      await h.do("RPUSH", "batch-record:b", "x");
    },
  ],
];

const API_KEYS: Broken[] = [
  ["json", "API key ci", (h) => h.do("HSET", "keys", "ci", "oops")],
  ["key", "ci", (h) => h.do("HSET", "keys", "ci", JSON.stringify({ id: "k1", hash: "00" }))],
  ["key", "k1", (h) => h.do("HSET", "key-ids", "k1", "ci")],
];

/** The record of the delivery that `fill` makes. */
function deliveryAs(status: string | false, state: string | false): Buffer {
  return pack(["http://t:80", 1, status, state, 0, 0, 0, T0, T0, false, "[]"]);
}

const DELIVERIES: Broken[] = [
  ["readable", "delivery of job_told", (h) => h.do("HSET", "deliveries", "job_told", "oops")],
  ["left", "delivery of gone", (h) => h.do("HSET", "deliveries", "gone", deliveryAs(false, false))],
  ["left", "webhook of gone", (h) => h.do("HSET", "deliveries-sealed", "gone", "x")],
  ["known", "deliveries-in:lost", (h) => h.do("ZADD", "deliveries-in:lost", 0, "job_told")],
  ["delivery", "job_told", (h) => h.do("HSET", "deliveries", "job_told", deliveryAs("failed", "pending"))],
  ["delivery", "job_told", (h) => h.do("HSET", "deliveries", "job_told", deliveryAs(false, false))],
  ["delivery", "job_next", (h) => h.do("HSET", "deliveries", "job_next", deliveryAs("failed", "dead"))],
  ["delivery_due", "job_told", (h) => h.do("DEL", "deliveries-due:http://t:80")],
  ["delivery_due", "job_told", (h) => h.do("ZADD", "deliveries-due:http://t:80", 7, "job_told")],
  ["delivery_due", "job_off", (h) => h.do("ZADD", "deliveries-due:http://t:80", T0, "job_off")],
  ["delivery_listed", "job_told", (h) => h.do("DEL", "deliveries-in:pending")],
  ["delivery_listed", "job_told", (h) => h.do("ZADD", "deliveries-in:dead", 0, "job_told")],
  ["delivery_sealed", "job_told", (h) => h.do("DEL", "deliveries-sealed")],
  ["delivery_target", "http://t:80", (h) => h.do("DEL", "deliveries-targets")],
  ["delivery_target", "http://t:80", (h) => h.do("ZADD", "deliveries-targets", 7, "http://t:80")],
  ["delivery_target", "http://u:80", (h) => h.do("ZADD", "deliveries-targets", 7, "http://u:80")],
];

const WORKERS: Broken[] = [
  ["sites", "n", (h) => h.do("HSET", "nodes", "n", nodeWith("oops"))],
  ["sites", "n", (h) => h.do("HSET", "nodes", "n", nodeWith("[1]"))],
  ["acting", "idle", (h) => h.do("HSET", "w:idle", "node", "gone")],
  ["acting", "idle", (h) => h.do("HSET", "w:idle", "incarnation", "older")],
  ["acting", "idle", (h) => h.do("HDEL", "incarnation", "n")],
  ["pinned_worker", "pinned_idle", (h) => h.do("HSET", "w:w_a", "queue", "pinned_idle")],
  ["pin", "pinned_idle", (h) => h.do("DEL", "pin:pinned_idle")],
  ["pin", "pinned_idle", (h) => h.do("SET", "pin:pinned_idle", "gone")],
  ["pin", "pinned_x", (h) => h.do("SET", "pin:pinned_x", "dead")],
  ["pin", "pinned_x", (h) => h.do("SET", "pin:pinned_x", "idle")],
  ["listed", "idle", (h) => h.do("ZREM", "workers", "idle")],
  ["listed", "idle", (h) => h.do("ZADD", "workers", 1, "idle")],
  ["listed", "idle", (h) => h.do("DEL", "workers:host:10.0.0.7")],
  ["listed", "idle", (h) => h.do("ZREM", "workers:node:n", "idle")],
  ["listed", "idle", (h) => h.do("DEL", "workers:queue:pinned_idle")],
  ["listed", "idle", (h) => h.do("ZADD", "workers:node:another", 0, "idle")],
  ["listed", "idle", (h) => h.do("DEL", "w:idle")],
  ["died", "dead", (h) => h.do("DEL", "died")],
  ["died", "dead", (h) => h.do("ZADD", "died", 1, "dead")],
  ["died", "idle", (h) => h.do("ZADD", "died", 1, "idle")],
  ["stopping", "stopping", (h) => h.do("DEL", "stopping:n")],
  ["stopping", "idle", (h) => h.do("ZADD", "stopping:n", 0, "idle")],
  ["stopping", "dead", (h) => h.do("ZADD", "stopping:n", 0, "dead")],
  ["nodes", "n", (h) => h.do("HDEL", "nodes", "n")],
  ["nodes", "n", (h) => h.do("HSET", "incarnation", "n", "another")],
  ["nodes", "lost", (h) => h.do("HSET", "incarnation", "lost", "i")],
  ["pulse", "n", (h) => h.do("HDEL", "pulse", "n")],
  ["pulse", "n", (h) => h.do("HSET", "pulse", "n", pack(["another", T0, "{}"]))],
  ["pulse", "lost", (h) => h.do("HSET", "pulse", "lost", pack(["i", T0, "{}"]))],
];

const BESIDE: Broken[] = [...BESIDE_JOBS, ...DELIVERIES, ...API_KEYS];
const BROKEN: Broken[] = [...KEYS, ...JOBS, ...INDEXES, ...LANES, ...BESIDE, ...WORKERS];

/** A key that should be there, with something else in it. */
async function replaced(hand: Hand, key: string, command = "SET"): Promise<void> {
  await hand.do("DEL", key);
  await hand.do(command, key, "x");
}

describe("examine names what must not be", () => {
  test("and there is a case for every rule", () => {
    const cases = new Set<string>(BROKEN.map(([rule]) => rule));
    // What is on another shard than it should be is shown below.
    expect(Object.keys(RULES).filter((rule) => !cases.has(rule))).toEqual(["place"]);
  });

  test("and finds nothing where all is in order", async () => {
    expect(await examined(await sound())).toEqual([]);
  });

  test.each(BROKEN.map(([rule, subject, damage]) => ({ rule: RULES[rule], subject, damage })))(
    "$rule: $subject",
    async ({ rule, subject, damage }) => {
      const made = await sound();
      await damage(made.hand);
      const found = await examined(made);
      expect(found).toContainEqual({ rule, subject, detail: expect.stringMatching(/\S/) });
    },
  );
});
