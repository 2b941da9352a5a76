import { OWED_MS } from "../../deliveries.ts";
import type { Storage } from "../../storage.ts";
import { type Batches, KEY_SHARD } from "../batches.ts";
import { pack } from "../codec.ts";
import type { RedisLink } from "../link.ts";
import forgetSource from "../lua/forget-keys.lua" with { type: "text" };
import pruneSource from "../lua/prune.lua" with { type: "text" };
import { bytes, int, list, nowArgument, text } from "../replies.ts";
import { script } from "../scripts.ts";
import { sharesOf } from "../shares.ts";

const PRUNE = script("prune", pruneSource);
const FORGET_KEYS = script("forget-keys", forgetSource);
/** Jobs forgotten by one script. */
const SLICE = 200;

interface Slice {
  gone: number;
  /** Jobs that wait until their idempotency key is forgotten on its own shard. */
  waiting: { id: string; key: Buffer }[];
}

/** Forgets nothing while a batch cannot be completed: that its jobs are there is how its parts are known to be stored. */
export function prune(link: RedisLink, batches: Batches): Storage["prune"] {
  async function pruneSlice(shard: number, max: number, cleared: string[], now?: number): Promise<Slice> {
    const keysHere = shard === KEY_SHARD;
    const args = [nowArgument(now), max, OWED_MS, keysHere ? "" : pack(cleared)];
    const [gone, ...rest] = list(await link.run(PRUNE, shard, args));
    const waiting: Slice["waiting"] = [];
    for (let n = 0; n < rest.length; n += 2) waiting.push({ id: text(rest[n]), key: bytes(rest[n + 1]) });
    return { gone: int(gone), waiting };
  }

  /** A key never outlives its job, and is forgotten first: what a crash leaves is a job without its key. */
  async function pruneOnce(shard: number, max: number, now?: number): Promise<number> {
    const first = await pruneSlice(shard, max, [], now);
    if (first.waiting.length === 0) return first.gone;
    const pairs = first.waiting.flatMap(({ id, key }) => [id, key]);
    await link.run(FORGET_KEYS, KEY_SHARD, pairs);
    const cleared = first.waiting.map(({ id }) => id);
    const second = await pruneSlice(shard, first.waiting.length, cleared, now);
    return first.gone + second.gone;
  }

  async function pruneShard(shard: number, max: number, now?: number): Promise<number> {
    let pruned = 0;
    for (let got = SLICE; got === SLICE && pruned < max; pruned += got) {
      got = await pruneOnce(shard, Math.min(SLICE, max - pruned), now);
    }
    return pruned;
  }

  return async ({ max, now }) => {
    await batches.completeAbandoned();
    const shares = await sharesOf(link, { key: "keep", max, now });
    const pruned = await Promise.all(shares.map((share, shard) => pruneShard(shard, share, now)));
    return { pruned: pruned.reduce((sum, n) => sum + n, 0) };
  };
}
