import { shardOfId } from "../../../core/ids.ts";
import { shardOf } from "../../../core/shards.ts";
import type { RedisLink, Reply } from "../link.ts";
import { int, list, text } from "../replies.ts";
import { script } from "../scripts.ts";
import { checkKeyedJobs, checkKeys, type Pair } from "./idempotency.ts";
import { type Key, keyOf, type Look } from "./kinds.ts";
import { lookAt, type Topic } from "./looks.ts";
import typesSource from "./lua/types.lua" with { type: "text" };
import type { Notes } from "./notes.ts";
import { type FoundKey, scanServer, wholeKey } from "./scan.ts";

const TYPES = script("examine-types", typesSource);
/** Keys of a shard that are looked at together. */
const PART = 500;

/**
 * Walks all keys, and looks at each and at what it holds. One server holds several shards and is walked once: by way
 * of any of its shards, and a shard that was met on the way is done.
 */
export async function examineKeys(link: RedisLink, notes: Notes): Promise<void> {
  const done = new Set<number>();
  for (let shard = 0; shard < link.shards; shard++) {
    if (done.has(shard)) continue;
    const waiting = new Map<number, string[]>();
    for await (const page of scanServer(link, shard)) {
      for (const found of page) if (!done.has(found.shard)) keep(link, found, waiting, notes);
      for (const [home, names] of waiting) {
        if (names.length >= PART) await examinePart(link, home, names.splice(0), notes);
      }
    }
    for (const [home, names] of waiting) {
      await examinePart(link, home, names, notes);
      done.add(home);
    }
  }
}

/** For its shard's next part; a key that cannot be ours is named. */
function keep(link: RedisLink, found: FoundKey, waiting: Map<number, string[]>, notes: Notes): void {
  const { shard, name, isText } = found;
  if (shard >= link.shards || !isText) {
    const detail = isText ? `there are ${link.shards} shards` : "its name is no text";
    notes.add("known", wholeKey(link, shard, name), detail);
    return;
  }
  const names = waiting.get(shard) ?? [];
  waiting.set(shard, names);
  names.push(name);
}

async function examinePart(link: RedisLink, shard: number, names: string[], notes: Notes): Promise<void> {
  const flat = list(await link.run(TYPES, shard, names));
  const looks = names.flatMap((name, n) => {
    const present = { shard, name, type: text(flat[2 * n]), ttl: int(flat[2 * n + 1]) };
    return present.type === "none" ? [] : checkKey(link, present, notes);
  });
  for (const [topic, group] of Map.groupBy(looks, (look) => look.topic)) {
    const specs = group.map(({ spec }) => spec);
    const told = await lookAt(link, shard, { topic, specs, notes });
    await followUp(link, shard, { topic, told, notes });
  }
}

interface Present {
  shard: number;
  name: string;
  type: string;
  /** Ms; -1 when it stays. */
  ttl: number;
}

/** Notes what is wrong with the key itself. Returns what to look at for it, when it is what it should be. */
function checkKey(link: RedisLink, { shard, name, type, ttl }: Present, notes: Notes): Look[] {
  const key = keyOf(name);
  const subject = wholeKey(link, shard, name);
  notes.count("keys");
  if (!key || (key.onFirst && shard !== 0)) {
    notes.add("known", subject, `a ${type}, of no kind that this shard has`);
    return [];
  }
  if (type !== key.type) {
    notes.add("type", subject, `a ${type}, not a ${key.type}`);
    return [];
  }
  if (key.counted) notes.count(key.counted);
  if ((key.lapses ?? false) !== (ttl !== -1)) {
    notes.add("lapses", subject, ttl === -1 ? "stays for ever" : "lapses");
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
