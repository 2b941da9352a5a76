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
/** A batch that is open for so long has lost its caller. */
const BATCH_PATIENCE_MS = 10_000;

/** Also completes the batches that a crash left open: their jobs have been waiting, too. */
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
    await batches.completeOpen(BATCH_PATIENCE_MS);
    const shares = await sharesOf(link, { key: "expires", max: params.max, now: params.now });
    const ids = await Promise.all(shares.map((max, shard) => expireShard(shard, { ...params, max })));
    return { ids: ids.flat() };
  };
}
