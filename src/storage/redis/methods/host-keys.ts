import {
  type HostKeyFilter,
  type HostKeyStore,
  hostKeyPlace,
  type KnownHostKey,
  parseHostKeyPlace,
} from "../../host-keys.ts";
import type { RedisLink } from "../link.ts";
import checkSource from "../lua/check-host-key.lua" with { type: "text" };
import forgetSource from "../lua/forget-host-key.lua" with { type: "text" };
import listSource from "../lua/list-host-keys.lua" with { type: "text" };
import { int, list, nowArgument, text } from "../replies.ts";
import { script } from "../scripts.ts";

type Check = HostKeyStore["checkHostKey"];

const CHECK = script("check-host-key", checkSource);
const FORGET = script("forget-host-key", forgetSource);
const LIST = script("list-host-keys", listSource);
/** All keys are on one shard: devices are many, but looked up once a session. */
const SHARD = 0;

export function checkHostKey(link: RedisLink): Check {
  return async ({ algorithm, fingerprint, record, now, ...device }) => {
    const args = [nowArgument(now), hostKeyPlace(device), algorithm, fingerprint, record ? 1 : 0];
    // Safe: the script answers nothing else.
    return text(await link.run(CHECK, SHARD, args)) as Awaited<ReturnType<Check>>;
  };
}

export function forgetHostKey(link: RedisLink): HostKeyStore["forgetHostKey"] {
  return async (device) =>
    int(await link.run(FORGET, SHARD, [hostKeyPlace(device)])) === 1 ? "forgotten" : "unknown";
}

/**
 * Looks at all keys for each page, a thousand at a time: an index for a list that people ask for now and
 * then would cost each first use a write. Keeps no more than two pages at once.
 */
export function listHostKeys(link: RedisLink): HostKeyStore["listHostKeys"] {
  return async ({ filter, limit, after }) => {
    const from = after === undefined ? null : parseHostKeyPlace(after);
    const wanted = limit + 1;
    let found: KnownHostKey[] = [];
    let cursor = "0";
    do {
      const [next = "", ...entries] = list(await link.run(LIST, SHARD, [cursor])).map(text);
      cursor = next;
      const fitting = toKeys(entries).filter((key) => fits(key, filter) && (!from || compare(key, from) > 0));
      found = lowest([...found, ...fitting], wanted);
    } while (cursor !== "0");
    const keys = found.slice(0, limit);
    const last = keys.at(-1);
    return { keys, next: found.length > limit && last ? hostKeyPlace(last) : null };
  };
}

/** From device and record in turn. */
function toKeys(entries: string[]): KnownHostKey[] {
  const keys: KnownHostKey[] = [];
  for (let n = 0; n + 1 < entries.length; n += 2) {
    const { algorithm, fingerprint, first_seen } = JSON.parse(entries[n + 1] ?? "");
    keys.push({ ...parseHostKeyPlace(entries[n] ?? ""), algorithm, fingerprint, firstSeen: first_seen });
  }
  return keys;
}

function fits(key: KnownHostKey, { site, host, port }: HostKeyFilter): boolean {
  return (
    (site === undefined || key.site === site) &&
    (host === undefined || key.host === host) &&
    (port === undefined || key.port === port)
  );
}

/** A scan may tell of a key twice. */
function lowest(keys: KnownHostKey[], wanted: number): KnownHostKey[] {
  const sorted = keys.sort(compare);
  return sorted.filter((key, n) => n === 0 || compare(key, sorted[n - 1] ?? key) !== 0).slice(0, wanted);
}

type Place = Pick<KnownHostKey, "site" | "host" | "port">;

/** As SQLite orders them: text by its bytes, which for sites and hosts are ASCII. */
function compare(a: Place, b: Place): number {
  return order(a.site ?? "", b.site ?? "") || order(a.host, b.host) || a.port - b.port;
}

function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
