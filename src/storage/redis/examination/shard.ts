import { shardOfId } from "../../../core/ids.ts";
import { shardOf } from "../../../core/shards.ts";
import type { RedisLink, Reply } from "../link.ts";
import { bytes, int, list, text } from "../replies.ts";
import { script } from "../scripts.ts";
import { checkKeyedJobs, checkKeys } from "./idempotency.ts";
import { type Key, keyOf } from "./kinds.ts";
import { lookAt, type Spec, type Topic } from "./looks.ts";
import scanSource from "./lua/scan.lua" with { type: "text" };
import type { Notes } from "./notes.ts";

const SCAN = script("examine-scan", scanSource);
/** Keys wanted from one step, and how many of all keys of a server one step may walk over: a millisecond of it. */
const WANTED = 500;
const MOST = 10_000;

/** A key of the shard as it was found. */
interface Found {
  name: string;
  type: string;
  /** Ms; -1 when it stays, -2 when it has gone meanwhile. */
  ttl: number;
}

/** Walks all keys of one shard, and looks at each and at what it holds. */
export async function examineShard(link: RedisLink, shard: number, notes: Notes): Promise<void> {
  for await (const found of keysOf(link, shard)) {
    const looks = new Map<Topic, Spec[]>();
    for (const each of found) {
      for (const { topic, spec } of checkKey(link, shard, each, notes)) {
        const specs = looks.get(topic) ?? [];
        looks.set(topic, specs);
        specs.push(spec);
      }
    }
    for (const [topic, specs] of looks) {
      const told = await lookAt(link, shard, { topic, specs, notes });
      await followUp(link, shard, topic, told, notes);
    }
  }
}

/** Steps through the keys; how far each goes follows from how many of the keys that it met are this shard's. */
async function* keysOf(link: RedisLink, shard: number): AsyncGenerator<Found[]> {
  const pattern = `${link.prefix(shard).replace(/[*?[\]\\]/g, "\\$&")}*`;
  let count = WANTED;
  let cursor = "0";
  do {
    const [next, ...flat] = list(await link.run(SCAN, shard, [cursor, pattern, count]));
    const found = toFound(flat);
    yield found;
    const share = Math.max(found.length, 1) / count;
    count = Math.min(Math.max(WANTED, Math.ceil(WANTED / share)), count * 4, MOST);
    cursor = text(next);
  } while (cursor !== "0");
}

function toFound(flat: Reply[]): Found[] {
  const found: Found[] = [];
  for (let n = 0; n < flat.length; n += 3) {
    found.push({ name: text(flat[n]), type: text(flat[n + 1]), ttl: int(flat[n + 2]) });
  }
  return found;
}

/** What is wrong with the key itself; and what to look at for it, when it is what it should be. */
function checkKey(link: RedisLink, shard: number, found: Found, notes: Notes): Key["looks"] {
  const { name, type, ttl } = found;
  if (type === "none" || ttl === -2) return [];
  const key = keyOf(name);
  const subject = link.prefix(shard) + name;
  notes.count("keys");
  if (!key || (key.onFirst && shard !== 0)) {
    notes.add("known", subject, `a ${type} on shard ${shard}`);
    return [];
  }
  if (type !== key.type) {
    notes.add("type", subject, `a ${type}, not a ${key.type}`);
    return [];
  }
  if (key.counted) notes.count(key.counted);
  if (key.lapses !== (ttl === -1 ? undefined : true)) {
    notes.add("lapses", subject, ttl === -1 ? "stays for ever" : `lapses in ${ttl} ms`);
  }
  const home = homeOf(link, key);
  if (home !== undefined && home !== shard) notes.add("place", subject, `on shard ${shard}, not on ${home}`);
  return key.looks;
}

function homeOf(link: RedisLink, { queue, job }: Key): number | undefined {
  if (queue !== undefined) return shardOf(queue, link.shards);
  return job === undefined ? undefined : shardOfId(job) % link.shards;
}

/** What a script cannot know, for it is on another shard. */
async function followUp(link: RedisLink, shard: number, topic: Topic, told: Reply[], notes: Notes) {
  if (topic === "hostKeys") notes.count("host_keys", told.length);
  if (topic === "jobs") await checkKeyedJobs(link, shard, pairs(told), notes);
  if (topic === "idempotency") await checkKeys(link, pairs(told), notes);
}

function pairs(flat: Reply[]): [string, string][] {
  const found: [string, string][] = [];
  for (let n = 0; n < flat.length; n += 2) {
    found.push([bytes(flat[n]).toString(), bytes(flat[n + 1]).toString()]);
  }
  return found;
}
