import type { Storage } from "../../storage.ts";
import type { Batches } from "../batches.ts";
import { encodeResult } from "../codec.ts";
import type { RedisLink } from "../link.ts";
import expireSource from "../lua/expire.lua" with { type: "text" };
import { list, nowArgument, text } from "../replies.ts";
import { script } from "../scripts.ts";
import { sharesOf } from "../shares.ts";

const EXPIRE = script("expire", expireSource);
/** Jobs failed by one script. */
const SLICE = 500;

/**
 * Also completes the batches that a crash left open: their jobs have been waiting, too. One that cannot be completed
 * fails the call, but only when all others have expired.
 */
export function expire(link: RedisLink, batches: Batches): Storage["expire"] {
  async function expireShard(shard: number, params: Parameters<Storage["expire"]>[0]): Promise<string[]> {
    const { max, error, now } = params;
    const ids: string[] = [];
    for (let got = SLICE; got === SLICE && ids.length < max; ) {
      const args = [nowArgument(now), encodeResult(error), Math.min(SLICE, max - ids.length)];
      const slice = list(await link.run(EXPIRE, shard, args)).map(text);
      ids.push(...slice);
      got = slice.length;
    }
    return ids;
  }

  return async (params) => {
    const [completion] = await Promise.allSettled([batches.completeAbandoned()]);
    const shares = await sharesOf(link, { key: "expires", max: params.max, now: params.now });
    const ids = await Promise.all(shares.map((max, shard) => expireShard(shard, { ...params, max })));
    if (completion.status === "rejected") throw completion.reason;
    return { ids: ids.flat() };
  };
}
