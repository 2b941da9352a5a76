import type { SealingKeyStore } from "../../sealing-key.ts";
import type { RedisLink } from "../link.ts";
import checkSource from "../lua/check-sealing-key.lua" with { type: "text" };
import { text } from "../replies.ts";
import { script } from "../scripts.ts";

type Check = SealingKeyStore["checkSealingKey"];

const CHECK = script("check-sealing-key", checkSource);
const SHARD = 0;

export function checkSealingKey(link: RedisLink): Check {
  return async ({ keyId }) => {
    const verdict = text(await link.run(CHECK, SHARD, [keyId]));
    // Safe: the script answers nothing else.
    return verdict as Awaited<ReturnType<Check>>;
  };
}
