import type { Database } from "bun:sqlite";
import { asc, eq, gt } from "drizzle-orm";
import { drizzle } from "drizzle-orm/bun-sqlite";
import type { SecretStore, StoredSecret } from "../../secrets.ts";
import { secrets } from "../schema.ts";
import type { Write } from "../writer.ts";

type Asked<M extends keyof SecretStore> = Parameters<SecretStore[M]>[0];
type Answer<M extends keyof SecretStore> = Awaited<ReturnType<SecretStore[M]>>;

export function putSecret(db: Database): Write<Asked<"putSecret">, Answer<"putSecret">> {
  const orm = drizzle({ client: db });
  return ({ secret: { name, sealed, fields, devices, changedAt }, ifAbsent = false }) => {
    const known = orm.select({ name: secrets.name }).from(secrets).where(eq(secrets.name, name)).get();
    if (known && ifAbsent) return "taken";
    const row = {
      name,
      sealed: Buffer.from(sealed),
      fields: JSON.stringify(fields),
      devices: devices && JSON.stringify(devices),
      changed_at: changedAt,
    };
    orm.insert(secrets).values(row).onConflictDoUpdate({ target: secrets.name, set: row }).run();
    return known ? "replaced" : "added";
  };
}

export function getSecret(db: Database): (params: Asked<"getSecret">) => Answer<"getSecret"> {
  const orm = drizzle({ client: db });
  return ({ name }) => {
    const row = orm.select().from(secrets).where(eq(secrets.name, name)).get();
    return row ? toSecret(row) : null;
  };
}

export function listSecrets(db: Database): (params: Asked<"listSecrets">) => Answer<"listSecrets"> {
  const orm = drizzle({ client: db });
  return ({ limit, after = "" }) => {
    const rows = orm
      .select()
      .from(secrets)
      .where(gt(secrets.name, after))
      .orderBy(asc(secrets.name))
      // One more than asked for tells whether there is a next page.
      .limit(limit + 1)
      .all();
    const page = rows.slice(0, limit).map(toSecret);
    return { secrets: page, next: rows.length > limit ? (page.at(-1)?.name ?? null) : null };
  };
}

export function forgetSecret(db: Database): Write<Asked<"forgetSecret">, Answer<"forgetSecret">> {
  const orm = drizzle({ client: db });
  return ({ name }) =>
    orm.delete(secrets).where(eq(secrets.name, name)).returning({ name: secrets.name }).get()
      ? "forgotten"
      : "unknown";
}

function toSecret({ fields, devices, changed_at, ...row }: typeof secrets.$inferSelect): StoredSecret {
  return {
    ...row,
    // Safe: written by `putSecret` only.
    fields: JSON.parse(fields) as string[],
    devices: devices === null ? null : (JSON.parse(devices) as string[]),
    changedAt: changed_at,
  };
}
