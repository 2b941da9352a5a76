import type { Storage } from "../../storage.ts";
import { pack, unpack } from "../codec.ts";
import type { RedisLink } from "../link.ts";
import cancelQueuedSource from "../lua/cancel-queued.lua" with { type: "text" };
import { list, nowArgument, text } from "../replies.ts";
import { scan, shardsOf } from "../scan.ts";
import { script } from "../scripts.ts";

type Params = Parameters<Storage["cancelQueued"]>[0];

const CANCEL_QUEUED = script("cancel-queued", cancelQueuedSource);
/** Jobs cancelled by one script. */
const SLICE = 200;

/**
 * Any number of jobs, a slice a script, so that nobody waits for long. Each job is cancelled in one atom; jobs that
 * arrive while it goes on are left alone.
 */
export function cancelQueued(link: RedisLink): Storage["cancelQueued"] {
  /** One part: what was done under this `op` and `part` before is not done again. */
  async function cancelPart(shard: number, params: Params, part: number, after: number | null, upTo: number) {
    const { op, filter, now } = params;
    const queued = { ...filter, status: "queued" as const };
    const found = await scan(link, shard, { filter: queued, order: "asc", limit: SLICE, after, give: "ids" });
    const next = found.next === null || found.next >= upTo ? "" : found.next;
    const args = [nowArgument(now), op, part, next, upTo, pack(found.flat.map(text))];
    const [goOn, ...ids] = list(await link.run(CANCEL_QUEUED, shard, args, { durable: true })).map(text);
    return { ids, after: goOn ? Number(goOn) : null };
  }

  async function cancelOn(shard: number, params: Params): Promise<string[]> {
    const ids: string[] = [];
    const upTo = await newestSeq(link, shard);
    let after: number | null = null;
    for (let part = 0; part === 0 || after !== null; part++) {
      const done = await cancelPart(shard, params, part, after, upTo);
      ids.push(...done.ids);
      after = done.after;
    }
    return ids;
  }

  return async (params) => {
    const { filter } = params;
    if (filter.status !== undefined && filter.status !== "queued") return { ids: [] };
    const shards = await Promise.all(shardsOf(filter, link.shards).map((shard) => cancelOn(shard, params)));
    return { ids: shards.flat() };
  };
}

async function newestSeq(link: RedisLink, shard: number): Promise<number> {
  const [clock] = await link.read(shard, ["clock"]);
  // Safe: written by `seq.lua` only.
  return clock ? ((unpack(clock) as number[])[0] ?? 0) : 0;
}
