import type { HostKeyStore } from "../../host-keys.ts";
import type { RedisLink } from "../link.ts";
import checkSource from "../lua/check-host-key.lua" with { type: "text" };
import forgetSource from "../lua/forget-host-key.lua" with { type: "text" };
import { int, nowArgument, text } from "../replies.ts";
import { script } from "../scripts.ts";

type Device = Parameters<HostKeyStore["forgetHostKey"]>[0];
type Check = HostKeyStore["checkHostKey"];

const CHECK = script("check-host-key", checkSource);
const FORGET = script("forget-host-key", forgetSource);
/** All keys are on one shard: devices are many, but looked up once a session. */
const SHARD = 0;

export function checkHostKey(link: RedisLink): Check {
  return async ({ algorithm, fingerprint, record, now, ...device }) => {
    const args = [nowArgument(now), deviceOf(device), algorithm, fingerprint, record ? 1 : 0];
    // Safe: the script answers nothing else.
    return text(await link.run(CHECK, SHARD, args)) as Awaited<ReturnType<Check>>;
  };
}

export function forgetHostKey(link: RedisLink): HostKeyStore["forgetHostKey"] {
  return async (device) =>
    int(await link.run(FORGET, SHARD, [deviceOf(device)])) === 1 ? "forgotten" : "unknown";
}

/** Neither a site nor a host has a NUL, so no two devices meet. */
function deviceOf({ site, host, port }: Device): string {
  return `${site ?? ""}\0${host}\0${port}`;
}
