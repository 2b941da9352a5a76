import type { SealingKeyStore } from "../../sealing-key.ts";
import type { RedisLink } from "../link.ts";
import changeSource from "../lua/change-sealing-key.lua" with { type: "text" };
import checkSource from "../lua/check-sealing-key.lua" with { type: "text" };
import endSource from "../lua/end-key-change.lua" with { type: "text" };
import keysSource from "../lua/sealing-keys.lua" with { type: "text" };
import { int, list, text } from "../replies.ts";
import { script } from "../scripts.ts";

const CHECK = script("check-sealing-key", checkSource);
const KEYS = script("sealing-keys", keysSource);
const CHANGE = script("change-sealing-key", changeSource);
const END = script("end-key-change", endSource);
const SHARD = 0;

export function checkSealingKey(link: RedisLink): SealingKeyStore["checkSealingKey"] {
  return async ({ keyId }) => {
    const verdict = text(await link.run(CHECK, SHARD, [keyId]));
    // Safe: the script answers nothing else.
    return verdict as Awaited<ReturnType<SealingKeyStore["checkSealingKey"]>>;
  };
}

export function sealingKeys(link: RedisLink): SealingKeyStore["sealingKeys"] {
  return async () => {
    const [current = "", previous = ""] = list(await link.run(KEYS, SHARD, [])).map(text);
    return { current: current || null, previous: previous || null };
  };
}

export function changeSealingKey(link: RedisLink): SealingKeyStore["changeSealingKey"] {
  return async ({ from, to }) =>
    int(await link.run(CHANGE, SHARD, [from, to], { durable: true })) === 1 ? "changed" : "other";
}

export function endKeyChange(link: RedisLink): SealingKeyStore["endKeyChange"] {
  return async ({ current }) => {
    await link.run(END, SHARD, [current], { durable: true });
  };
}
