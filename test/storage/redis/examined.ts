import { systemClock } from "../../../src/core/clock.ts";
import { pack, parseStored } from "../../../src/storage/redis/codec.ts";
import { openRedis } from "../../../src/storage/redis/index.ts";
import type { Argument, RedisLink } from "../../../src/storage/redis/link.ts";
import { script } from "../../../src/storage/redis/scripts.ts";
import type { Store } from "../../../src/storage/store.ts";
import { bytes, Factory, HOUR, MINUTE, T0 } from "../../support/factory.ts";
import type { Redis } from "../../support/redis.ts";
import { Links } from "./links.ts";

/** Any command, its key without the prefix. */
const COMMAND = script("command", "return redis.call(ARGV[1], KEYS[1] .. ARGV[2], unpack(ARGV, 3))");

/** Where a field is in a job's state or terms, by its name there. */
const STATE = {
  ordinal: 1,
  queue: 6,
  createdAt: 8,
  startedAt: 9,
  endedAt: 10,
  attempts: 11,
  nonce: 13,
  node: 14,
  worker: 15,
  result: 16,
  behind: 17,
} as const;
const TERMS = { idempotency: 7, definition: 8 } as const;

type Field = keyof typeof STATE | keyof typeof TERMS;

/** Changes what is stored behind the store's back. */
export class Hand {
  readonly #link: RedisLink;
  readonly shard: number;

  constructor(link: RedisLink, shard = 0) {
    this.#link = link;
    this.shard = shard;
  }

  /** On another shard. */
  at(shard: number): Hand {
    return new Hand(this.#link, shard);
  }

  do(command: string, key: Argument, ...args: Argument[]) {
    return this.#link.run(COMMAND, this.shard, [command, key, ...args]);
  }

  /** Sets fields of a job. */
  async edit(id: string, fields: Partial<Record<Field, string | number | false>>): Promise<void> {
    const [stored] = await this.#link.read(this.shard, [`job:${id}`]);
    const { state, terms, sealed } = parseStored(stored ?? Buffer.alloc(0));
    const changed: unknown[][] = [[...state], [...terms]];
    for (const [part, places] of [STATE, TERMS].entries()) {
      for (const [field, place] of Object.entries(places)) {
        if (Object.hasOwn(fields, field)) changed[part]?.splice(place, 1, fields[field as Field]);
      }
    }
    await this.do("SET", `job:${id}`, Buffer.concat([...changed.map(pack), sealed]));
  }

  /** Where the job's bit is: its block, and the offset in there. */
  async bitOf(id: string): Promise<{ block: number; offset: number }> {
    const [stored] = await this.#link.read(this.shard, [`job:${id}`]);
    const ordinal = parseStored(stored ?? Buffer.alloc(0)).state[1];
    return { block: Math.floor(ordinal / 1024), offset: ordinal % 1024 };
  }

  /** Puts the job into an index, or takes it out. */
  async mark(id: string, index: string, bit: 0 | 1): Promise<void> {
    const { block, offset } = await this.bitOf(id);
    await this.do("SETBIT", `marks:${block}:${index}`, offset, bit);
  }

  /** Puts the job into a set whose members are ordinals, or at another score. */
  async enter(id: string, key: string, score: number): Promise<void> {
    const { block, offset } = await this.bitOf(id);
    await this.do("ZADD", key, score, block * 1024 + offset);
  }

  async leave(id: string, key: string): Promise<void> {
    const { block, offset } = await this.bitOf(id);
    await this.do("ZREM", key, block * 1024 + offset);
  }
}

/** A store of its own, and ways to it. */
export interface World {
  storage: Store;
  link: RedisLink;
  make: Factory;
  hand: Hand;
  prefix: string;
}

/** Opens stores on one server, and closes them all. */
export class Worlds {
  readonly #links = new Links();
  readonly #stores: Store[] = [];

  async open(redis: Redis, { shards = 1, prefix = redis.freshPrefix() } = {}): Promise<World> {
    const storage = await openRedis({ ...redis.options, clock: systemClock, prefix, shards });
    this.#stores.push(storage);
    await storage.migrate();
    const link = await this.#links.open(redis, { prefix, shards });
    return { storage, link, make: new Factory(storage), hand: new Hand(link), prefix };
  }

  async close(): Promise<void> {
    await Promise.all(this.#stores.splice(0).map((store) => store.close()));
    await this.#links.close();
  }
}

/** Jobs and workers of each kind that the rules speak of, all in order. For a store of one shard. */
export async function fill({ storage, make }: World): Promise<void> {
  const node = await make.node({ name: "n", incarnation: "i" });
  await make.queuedAll([
    { id: "job_next" },
    { id: "job_bob", lane: "bob" },
    { id: "job_p", queue: "pinned_b" },
  ]);
  await make.queuedAll([
    { id: "job_delayed", runAt: T0 + HOUR },
    { id: "job_ttl", ttlMs: MINUTE },
    { id: "job_large", sealed: new Uint8Array(5_000) },
  ]);
  await make.queued({ id: "job_keyed", idempotency: { scope: "s", key: "k", fingerprint: "f" } });
  for (const name of ["a", "c"]) {
    const worker = await make.worker({ name: `w_${name}`, queue: `pinned_${name}`, kind: "pinned" }, node);
    const { token } = await make.started({ id: `job_${name}`, lane: name }, worker);
    await storage.appendOutput({ token, offset: 0, bytes: bytes("output") });
  }
  await make.inStatus("finished", { id: "job_done" });
  await make.inStatus("failed", { id: "job_bad", batchId: "batch_1" });
  await make.inStatus("cancelled", { id: "job_off" });
  const webhook = { target: "http://t:80", timeoutMs: 1, sealed: bytes("sealed webhook") };
  await make.inStatus("cancelled", { id: "job_told", webhook });
  await make.worker({ name: "idle", queue: "pinned_idle", host: "10.0.0.7" }, node);
  await make.worker({ name: "stopping", queue: "q", kind: "fifo" }, node);
  await storage.stopWorkers({ op: make.op(), filter: { name: "stopping" } });
  await make.worker({ name: "dead", queue: "q", kind: "fifo" }, node);
  await storage.endWorker({ name: "dead", as: "dead", now: T0 });
  await storage.checkHostKey({
    site: null,
    host: "h",
    port: 22,
    algorithm: "a",
    fingerprint: "f",
    record: true,
  });
  await storage.checkSealingKey({ keyId: "key" });
}
