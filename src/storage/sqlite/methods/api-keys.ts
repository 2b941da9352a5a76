import type { Database } from "bun:sqlite";
import { asc, eq, gt } from "drizzle-orm";
import { drizzle } from "drizzle-orm/bun-sqlite";
import type { ApiKeyStore, StoredKey } from "../../api-keys.ts";
import { apiKeys } from "../schema.ts";
import type { Write } from "../writer.ts";

type Row = typeof apiKeys.$inferSelect;
type Asked<M extends keyof ApiKeyStore> = Parameters<ApiKeyStore[M]>[0];
type Answer<M extends keyof ApiKeyStore> = Awaited<ReturnType<ApiKeyStore[M]>>;

export function addKey(db: Database): Write<Asked<"addKey">, Answer<"addKey">> {
  const orm = drizzle({ client: db });
  return ({ key: { name, id, ...rest } }) => {
    const row = { name, id, record: JSON.stringify(rest) };
    return orm.insert(apiKeys).values(row).onConflictDoNothing().returning().get() ? "added" : "taken";
  };
}

export function findKey(db: Database): (params: Asked<"findKey">) => Answer<"findKey"> {
  const find = db.prepare<Row, [string]>("SELECT name, id, record FROM api_keys WHERE id = ?");
  return ({ id }) => {
    const row = find.get(id);
    return row === null ? null : toKey(row);
  };
}

export function revokeKey(db: Database): Write<Asked<"revokeKey">, Answer<"revokeKey">> {
  const orm = drizzle({ client: db });
  return ({ name }) =>
    orm.delete(apiKeys).where(eq(apiKeys.name, name)).returning().get() ? "revoked" : "unknown";
}

export function listKeys(db: Database): (params: Asked<"listKeys">) => Answer<"listKeys"> {
  const orm = drizzle({ client: db });
  return ({ limit, after = "" }) => {
    const rows = orm
      .select()
      .from(apiKeys)
      .where(gt(apiKeys.name, after))
      .orderBy(asc(apiKeys.name))
      // One more than asked for tells whether there is a next page.
      .limit(limit + 1)
      .all();
    const keys = rows.slice(0, limit).map(toKey);
    return { keys, next: rows.length > limit ? (keys.at(-1)?.name ?? null) : null };
  };
}

function toKey({ name, id, record }: Row): StoredKey {
  // Safe: written by `addKey` only.
  return { name, id, ...(JSON.parse(record) as Omit<StoredKey, "name" | "id">) };
}
