import { shardOfId } from "../../../core/ids.ts";
import { KEY_SHARD } from "../batches.ts";
import { pack } from "../codec.ts";
import type { RedisLink, Script } from "../link.ts";
import { list, text } from "../replies.ts";
import { examining } from "./looks.ts";
import keyedJobsSource from "./lua/keyed-jobs.lua" with { type: "text" };
import keysOfJobsSource from "./lua/keys-of-jobs.lua" with { type: "text" };
import type { Notes } from "./notes.ts";

/** Scope and key of a request, and a job that has it. */
export type Pair = [key: string, id: string];

const KEYED_JOBS = examining("keyed-jobs", keyedJobsSource);
const KEYS_OF_JOBS = examining("keys-of-jobs", keysOfJobsSource);
/** Pairs looked up by one script. */
const SLICE = 200;

/** Keys are on one shard, their jobs on any: what looks wrong is looked at again from both sides, in turns. */
export async function checkKeys(link: RedisLink, pairs: Pair[], notes: Notes): Promise<void> {
  const suspects = await withoutJob(link, pairs);
  // Not in a batch that is just being stored, so the job has been there; and its key goes before it.
  const standing = await those(link, KEYS_OF_JOBS, KEY_SHARD, suspects, "stands");
  const gone = await withoutJob(link, standing);
  for (const [key, id] of await those(link, KEYS_OF_JOBS, KEY_SHARD, gone, "stands")) {
    notes.add("idem", key, `stands for ${id}, which is gone or has another key`);
  }
}

/** Jobs of one shard that have a key. A job that may be forgotten may have lost it already. */
export async function checkKeyedJobs(
  link: RedisLink,
  shard: number,
  pairs: Pair[],
  notes: Notes,
): Promise<void> {
  const suspects = await those(link, KEYS_OF_JOBS, KEY_SHARD, pairs, "not");
  for (const [key, id] of await those(link, KEYED_JOBS, shard, suspects, "has")) {
    notes.add("idem", key, `does not stand for ${id}, which has it`);
  }
}

async function withoutJob(link: RedisLink, pairs: Pair[]): Promise<Pair[]> {
  const found: Pair[] = [];
  for (const [shard, own] of Map.groupBy(pairs, ([, id]) => shardOfId(id) % link.shards)) {
    found.push(...(await those(link, KEYED_JOBS, shard, own, "has not")));
  }
  return found;
}

/** Those of the pairs for which the script answers so. */
async function those(
  link: RedisLink,
  ask: Script,
  shard: number,
  pairs: Pair[],
  answer: string,
): Promise<Pair[]> {
  const found: Pair[] = [];
  for (let from = 0; from < pairs.length; from += SLICE) {
    const part = pairs.slice(from, from + SLICE);
    const answers = list(await link.run(ask, shard, ["0", pack(part)])).map(text);
    found.push(...part.filter((_pair, n) => answers[n] === answer));
  }
  return found;
}
