import type { RedisLink } from "./link.ts";
import dueSource from "./lua/due.lua" with { type: "text" };
import { everyShard, list, nowArgument, text } from "./replies.ts";
import { script } from "./scripts.ts";

const DUE = script("due", dueSource);

interface Params {
  /** A zset that every shard has, its scores moments. */
  key: "expires" | "keep";
  max: number;
  now: number | undefined;
}

/** How many each shard may take so that together they take at most `max`, the longest due first. */
export async function sharesOf(link: RedisLink, { key, max, now }: Params): Promise<number[]> {
  if (link.shards === 1) return [max];
  const due = await everyShard(link.shards, async (shard) =>
    list(await link.run(DUE, shard, [nowArgument(now), key, max])).map((score) => Number(text(score))),
  );
  const all = due.flatMap((scores, shard) => scores.map((score) => ({ score, shard })));
  all.sort((a, b) => a.score - b.score);
  const shares = due.map(() => 0);
  for (const { shard } of all.slice(0, max)) shares[shard] = (shares[shard] ?? 0) + 1;
  return shares;
}
