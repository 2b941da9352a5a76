import { shardOfId } from "../../../core/ids.ts";
import type { Storage } from "../../storage.ts";
import type { RedisLink } from "../link.ts";
import readSource from "../lua/read-output.lua" with { type: "text" };
import readManySource from "../lua/read-outputs.lua" with { type: "text" };
import { readsById } from "../reads-by-id.ts";
import { bytes, int, list } from "../replies.ts";
import { script } from "../scripts.ts";

const READ = script("read-output", readSource);
const READ_MANY = script("read-outputs", readManySource);
/** Logs asked for at once: one may have megabytes. */
const SLICE = 50;

const utf8 = new TextDecoder();

export function outputs(link: RedisLink): Storage["outputs"] {
  const read = readsById({
    shards: link.shards,
    most: SLICE,
    ask: async (shard, asked: { id: string; max: number }[]) => {
      const args = asked.flatMap(({ id, max }) => [id, max]);
      return list(await link.run(READ_MANY, shard, args)).map(bytes);
    },
  });
  return async ({ ids, max = Number.MAX_SAFE_INTEGER }) => {
    const logs = await read(ids.map((id) => ({ id, max })));
    return logs.map((log) => utf8.decode(log));
  };
}

export function readOutput(link: RedisLink): Storage["readOutput"] {
  return async ({ id, offset, max }) => {
    const [slice, from, ended] = list(await link.run(READ, shardOfId(id) % link.shards, [id, offset, max]));
    if (slice === undefined) return { bytes: new Uint8Array(), offset: 0, ended: true };
    return { bytes: bytes(slice), offset: int(from), ended: int(ended) === 1 };
  };
}
