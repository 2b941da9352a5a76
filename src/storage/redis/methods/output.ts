import { shardOfId } from "../../../core/ids.ts";
import type { Storage } from "../../storage.ts";
import type { RedisLink } from "../link.ts";
import readSource from "../lua/read-output.lua" with { type: "text" };
import readManySource from "../lua/read-outputs.lua" with { type: "text" };
import { bytes, int, list } from "../replies.ts";
import { script } from "../scripts.ts";
import { readMany } from "./read.ts";

const READ = script("read-output", readSource);
const READ_MANY = script("read-outputs", readManySource);
/** Logs asked for at once: one may have megabytes. */
const SLICE = 50;

const utf8 = new TextDecoder();

export function outputs(link: RedisLink): Storage["outputs"] {
  return async ({ ids, max = Number.MAX_SAFE_INTEGER }) => {
    const logs = await readMany(link, ids, SLICE, async (shard, part) =>
      list(await link.run(READ_MANY, shard, [max, ...part])).map(bytes),
    );
    return ids.map((id) => utf8.decode(logs.get(id) ?? new Uint8Array()));
  };
}

export function readOutput(link: RedisLink): Storage["readOutput"] {
  return async ({ id, offset, max }) => {
    const [slice, from, ended] = list(await link.run(READ, shardOfId(id) % link.shards, [id, offset, max]));
    if (slice === undefined) return { bytes: new Uint8Array(), offset: 0, ended: true };
    return { bytes: bytes(slice), offset: int(from), ended: int(ended) === 1 };
  };
}
