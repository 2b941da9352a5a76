import type { SecretStore, StoredSecret } from "../../secrets.ts";
import type { RedisLink } from "../link.ts";
import forgetSource from "../lua/forget-secret.lua" with { type: "text" };
import getSource from "../lua/get-secret.lua" with { type: "text" };
import listSource from "../lua/list-secrets.lua" with { type: "text" };
import putSource from "../lua/put-secret.lua" with { type: "text" };
import { int, list, text } from "../replies.ts";
import { script } from "../scripts.ts";

const PUT = script("put-secret", putSource);
const GET = script("get-secret", getSource);
const LIST = script("list-secrets", listSource);
const FORGET = script("forget-secret", forgetSource);
/** All are on one shard: there are few. */
const SHARD = 0;

export function putSecret(link: RedisLink): SecretStore["putSecret"] {
  return async ({ secret, ifAbsent = false }) => {
    const args = [secret.name, toRecord(secret), ifAbsent ? 1 : 0];
    const answer = text(await link.run(PUT, SHARD, args, { durable: true }));
    // Safe: the script answers nothing else.
    return answer as Awaited<ReturnType<SecretStore["putSecret"]>>;
  };
}

export function getSecret(link: RedisLink): SecretStore["getSecret"] {
  return async ({ name }) => {
    const record = text(await link.run(GET, SHARD, [name]));
    return record === "" ? null : toSecret(record);
  };
}

/** Looks at all for each page, as with host keys. */
export function listSecrets(link: RedisLink): SecretStore["listSecrets"] {
  return async ({ limit, after = "" }) => {
    const found = new Map<string, StoredSecret>();
    let cursor = "0";
    do {
      const [next = "", ...records] = list(await link.run(LIST, SHARD, [cursor])).map(text);
      cursor = next;
      for (const secret of records.map(toSecret)) if (secret.name > after) found.set(secret.name, secret);
    } while (cursor !== "0");
    const sorted = [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    const secrets = sorted.slice(0, limit);
    return { secrets, next: sorted.length > limit ? (secrets.at(-1)?.name ?? null) : null };
  };
}

export function forgetSecret(link: RedisLink): SecretStore["forgetSecret"] {
  return async ({ name }) =>
    int(await link.run(FORGET, SHARD, [name], { durable: true })) === 1 ? "forgotten" : "unknown";
}

function toRecord(secret: StoredSecret): string {
  return JSON.stringify({ ...secret, sealed: Buffer.from(secret.sealed).toString("base64") });
}

function toSecret(record: string): StoredSecret {
  // Safe: written by `toRecord` only.
  const secret = JSON.parse(record) as Omit<StoredSecret, "sealed"> & { sealed: string };
  return { ...secret, sealed: Buffer.from(secret.sealed, "base64") };
}
