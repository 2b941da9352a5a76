import { shardOfId } from "../../../core/ids.ts";
import type { Storage } from "../../storage.ts";
import type { RedisLink } from "../link.ts";
import appendSource from "../lua/append-output.lua" with { type: "text" };
import { text } from "../replies.ts";
import { script } from "../scripts.ts";

type Append = Storage["appendOutput"];

const APPEND = script("append-output", appendSource);

export function appendOutput(link: RedisLink): Append {
  return async ({ token: { id, run, nonce }, offset, bytes }) => {
    const reply = await link.run(APPEND, shardOfId(id) % link.shards, [id, run, nonce, offset, bytes]);
    // Safe: the script answers nothing else.
    return text(reply) as Awaited<ReturnType<Append>>;
  };
}
