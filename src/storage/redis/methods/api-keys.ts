import type { ApiKeyStore, StoredKey } from "../../api-keys.ts";
import type { RedisLink } from "../link.ts";
import addSource from "../lua/add-key.lua" with { type: "text" };
import findSource from "../lua/find-key.lua" with { type: "text" };
import listSource from "../lua/list-keys.lua" with { type: "text" };
import revokeSource from "../lua/revoke-key.lua" with { type: "text" };
import { int, list, text } from "../replies.ts";
import { script } from "../scripts.ts";

const ADD = script("add-key", addSource);
const FIND = script("find-key", findSource);
const REVOKE = script("revoke-key", revokeSource);
const LIST = script("list-keys", listSource);
/** All are on one shard: each API remembers those that are in use. */
const SHARD = 0;

export function addKey(link: RedisLink): ApiKeyStore["addKey"] {
  return async ({ key: { name, ...record } }) => {
    const args = [name, record.id, JSON.stringify(record)];
    return int(await link.run(ADD, SHARD, args, { durable: true })) === 1 ? "added" : "taken";
  };
}

export function findKey(link: RedisLink): ApiKeyStore["findKey"] {
  return async ({ id }) => {
    const [name, record] = list(await link.run(FIND, SHARD, [id])).map(text);
    return name === undefined || record === undefined ? null : toKey(name, record);
  };
}

export function revokeKey(link: RedisLink): ApiKeyStore["revokeKey"] {
  return async ({ name }) =>
    int(await link.run(REVOKE, SHARD, [name], { durable: true })) === 1 ? "revoked" : "unknown";
}

/** Looks at all keys for each page, a thousand at a time, as `listHostKeys` does. */
export function listKeys(link: RedisLink): ApiKeyStore["listKeys"] {
  return async ({ limit, after = "" }) => {
    const found = new Map<string, StoredKey>();
    let cursor = "0";
    do {
      const [next = "", ...entries] = list(await link.run(LIST, SHARD, [cursor])).map(text);
      cursor = next;
      for (let n = 0; n + 1 < entries.length; n += 2) {
        const [name = "", record = ""] = entries.slice(n, n + 2);
        if (name > after) found.set(name, toKey(name, record));
      }
    } while (cursor !== "0");
    const sorted = [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    const keys = sorted.slice(0, limit);
    return { keys, next: sorted.length > limit ? (keys.at(-1)?.name ?? null) : null };
  };
}

function toKey(name: string, record: string): StoredKey {
  // Safe: written by `addKey` only.
  return { name, ...(JSON.parse(record) as Omit<StoredKey, "name">) };
}
