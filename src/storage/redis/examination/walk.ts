import { shardOfId } from "../../../core/ids.ts";
import { shardOf } from "../../../core/shards.ts";
import type { RedisLink, Reply } from "../link.ts";
import { int, list, text } from "../replies.ts";
import { script } from "../scripts.ts";
import { checkKeyedJobs, checkKeys, type Pair } from "./idempotency.ts";
import { type Key, keyOf, type Look } from "./kinds.ts";
import { lookAt, type Spec, type Topic } from "./looks.ts";
import scanSource from "./lua/scan.lua" with { type: "text" };
import type { Notes } from "./notes.ts";

const SCAN = script("examine-scan", scanSource);
/** Keys wanted from one step, and how many of a server's keys one step may walk over: about a millisecond of it. */
const WANTED = 500;
const MOST = 10_000;

/** A key as it was found. */
interface Found {
  shard: number;
  /** Without the shard's prefix. */
  name: string;
  type: string;
  /** Ms; -1 when it stays, -2 when it has gone meanwhile. */
  ttl: number;
}

/**
 * Walks all keys, and looks at each and at what it holds. One server holds several shards and is walked once: by way
 * of any of its shards, and a shard that was met on the way is done.
 */
export async function examineKeys(link: RedisLink, notes: Notes): Promise<void> {
  const done = new Set<number>();
  for (let shard = 0; shard < link.shards; shard++) {
    if (done.has(shard)) continue;
    const met = new Set<number>();
    for await (const page of pagesOf(link, shard)) {
      const fresh = page.filter((found) => !done.has(found.shard));
      for (const [home, found] of Map.groupBy(fresh, (each) => each.shard)) {
        met.add(home);
        await examinePage(link, home, found, notes);
      }
    }
    for (const each of met) done.add(each);
  }
}

async function examinePage(link: RedisLink, shard: number, page: Found[], notes: Notes): Promise<void> {
  const looks = page.flatMap((found) => checkKey(link, found, notes));
  for (const [topic, group] of Map.groupBy(looks, (look) => look.topic)) {
    const specs: Spec[] = group.map(({ spec }) => spec);
    const told = await lookAt(link, shard, { topic, specs, notes });
    await followUp(link, shard, { topic, told, notes });
  }
}

/** Steps over a server's keys; how far each goes follows from how many of those that it met are ours. */
async function* pagesOf(link: RedisLink, shard: number): AsyncGenerator<Found[]> {
  const start = link.prefix(0).slice(0, -"0}:".length);
  const pattern = `${start.replace(/[*?[\]\\]/g, "\\$&")}*`;
  let count = WANTED;
  let cursor = "0";
  do {
    const [next, ...flat] = list(await link.run(SCAN, shard, [cursor, pattern, count]));
    yield toPage(flat, start);
    const share = Math.max(flat.length / 3, 1) / count;
    count = Math.min(Math.max(WANTED, Math.ceil(WANTED / share)), count * 4, MOST);
    cursor = text(next);
  } while (cursor !== "0");
}

function toPage(flat: Reply[], start: string): Found[] {
  const page: Found[] = [];
  for (let n = 0; n < flat.length; n += 3) {
    // Another store's prefix may begin with ours.
    const [, shard, name] = /^(\d+)\}:(.*)$/s.exec(text(flat[n]).slice(start.length)) ?? [];
    if (shard === undefined || name === undefined) continue;
    page.push({ shard: Number(shard), name, type: text(flat[n + 1]), ttl: int(flat[n + 2]) });
  }
  return page;
}

/** Notes what is wrong with the key itself. Returns what to look at for it, when it is what it should be. */
function checkKey(link: RedisLink, { shard, name, type, ttl }: Found, notes: Notes): Look[] {
  if (type === "none" || ttl === -2) return [];
  const key = keyOf(name);
  const subject = `${link.prefix(0).slice(0, -"0}:".length)}${shard}}:${name}`;
  notes.count("keys");
  if (!key || shard >= link.shards || (key.onFirst && shard !== 0)) {
    notes.add("known", subject, `a ${type} on shard ${shard} of ${link.shards}`);
    return [];
  }
  if (type !== key.type) {
    notes.add("type", subject, `a ${type}, not a ${key.type}`);
    return [];
  }
  if (key.counted) notes.count(key.counted);
  if ((key.lapses ?? false) !== (ttl !== -1)) {
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

interface Told {
  topic: Topic;
  told: Reply[];
  notes: Notes;
}

/** What a script cannot know, for it is on another shard. */
async function followUp(link: RedisLink, shard: number, { topic, told, notes }: Told): Promise<void> {
  if (topic === "hostKeys") notes.count("host_keys", told.length);
  if (topic === "jobs") await checkKeyedJobs(link, shard, toPairs(told), notes);
  if (topic === "idempotency") await checkKeys(link, toPairs(told), notes);
}

function toPairs(flat: Reply[]): Pair[] {
  const pairs: Pair[] = [];
  for (let n = 0; n < flat.length; n += 2) pairs.push([text(flat[n]), text(flat[n + 1])]);
  return pairs;
}
