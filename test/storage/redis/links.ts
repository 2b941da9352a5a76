import { systemClock } from "../../../src/core/clock.ts";
import { StorageError } from "../../../src/core/errors.ts";
import { connectRedis, type RedisOptions } from "../../../src/storage/redis/connection.ts";
import type { RedisLink } from "../../../src/storage/redis/link.ts";
import { script } from "../../../src/storage/redis/scripts.ts";
import type { RedisSet } from "../../support/redis.ts";

/** Appends ARGV[1] to the list `ran`, and answers how long it is. */
export const NOTE = script("note", 'return redis.call("RPUSH", KEYS[1] .. "ran", ARGV[1])');
/** The list `ran`. */
export const RAN = script("ran", 'return redis.call("LRANGE", KEYS[1] .. "ran", 0, -1)');

/** Opens links, each with a prefix of its own unless it is told another, and closes them all. */
export class Links {
  readonly #open: RedisLink[] = [];

  async open(
    set: Pick<RedisSet, "options" | "freshPrefix">,
    options: Partial<RedisOptions> = {},
  ): Promise<RedisLink> {
    const link = await connectRedis({
      clock: systemClock,
      prefix: set.freshPrefix(),
      ...set.options,
      ...options,
    });
    this.#open.push(link);
    return link;
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((link) => link.close()));
  }
}

/** What ran on a shard, in order. */
export async function ran(link: RedisLink, shard = 0): Promise<string[]> {
  return ((await link.run(RAN, shard, [])) as Buffer[]).map(String);
}

/** The error that a call fails with, which must be one of storage. */
export async function failure(call: Promise<unknown>): Promise<StorageError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof StorageError) return error;
    throw error;
  }
  throw new Error("the call did not fail");
}

/**
 * Notes one id after another, `atOnce` at a time, while `trouble` goes on, and some more when it is over. Answers
 * which were acknowledged; any other failure than `unavailable` rejects.
 */
export async function noteThrough(
  link: RedisLink,
  trouble: () => Promise<void>,
  options: { atOnce?: number; durable?: boolean; shards?: number } = {},
): Promise<string[]> {
  const { atOnce = 20, durable = false, shards = 1 } = options;
  const acknowledged: string[] = [];
  let over = false;
  let next = 0;
  const notes = Array.from({ length: atOnce }, async () => {
    for (let more = 20; more > 0; more -= over ? 1 : 0) {
      const id = `id-${next++}`;
      try {
        await link.run(NOTE, next % shards, [id], { durable });
        acknowledged.push(id);
      } catch (error) {
        if (!(error instanceof StorageError) || error.kind !== "unavailable") throw error;
      }
      // Lets the servers' processes have the processor.
      await new Promise<void>((resume) => setImmediate(resume));
    }
  });
  try {
    await trouble();
  } finally {
    over = true;
  }
  await Promise.all(notes);
  return acknowledged;
}
