import type { RedisLink } from "../link.ts";
import { bytes, list, text } from "../replies.ts";
import { script } from "../scripts.ts";
import scanSource from "./lua/scan.lua" with { type: "text" };

const SCAN = script("examine-scan", scanSource);
/** Keys wanted from one step, and how many of a server's keys one step may walk over: a millisecond or two of it. */
const WANTED = 500;
const MOST = 10_000;

/** A key that begins as ours do. */
export interface FoundKey {
  shard: number;
  /** Without the shard's prefix. */
  name: string;
  /** Whether it is text, as all of ours are. */
  isText: boolean;
}

/**
 * Steps over all keys of the server that has the shard; how far each step goes follows from how many of the keys that
 * it met are ours.
 */
export async function* scanServer(link: RedisLink, shard: number): AsyncGenerator<FoundKey[]> {
  const start = startOf(link);
  const pattern = `${start.replace(/[*?[\]\\]/g, "\\$&")}*`;
  let count = WANTED;
  let cursor = "0";
  do {
    const [next, found] = list(await link.run(SCAN, shard, [cursor, pattern, count]));
    const keys = list(found).map(bytes);
    yield keys.flatMap((key) => parse(key, start) ?? []);
    const share = Math.max(keys.length, 1) / count;
    count = Math.min(Math.max(WANTED, Math.ceil(WANTED / share)), count * 4, MOST);
    cursor = text(next);
  } while (cursor !== "0");
}

/** The whole key, also of a shard that there is not. */
export function wholeKey(link: RedisLink, shard: number, name: string): string {
  return `${startOf(link)}${shard}}:${name}`;
}

/** What the keys of all shards begin with: `{netpulse:`. */
function startOf(link: RedisLink): string {
  return link.prefix(0).slice(0, -"0}:".length);
}

/** Null for a key of another store, whose prefix may begin with ours. */
function parse(key: Buffer, start: string): FoundKey | null {
  const whole = key.toString();
  const [, shard, name] = /^(\d+)\}:(.*)$/s.exec(whole.slice(start.length)) ?? [];
  if (shard === undefined || name === undefined) return null;
  return { shard: Number(shard), name, isText: key.equals(Buffer.from(whole)) };
}
