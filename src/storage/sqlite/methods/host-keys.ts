import type { Database } from "bun:sqlite";
import { and, eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/bun-sqlite";
import { type HostKeyFilter, type HostKeyStore, hostKeyPlace, parseHostKeyPlace } from "../../host-keys.ts";
import { hostKeys } from "../schema.ts";
import type { Write } from "../writer.ts";

type Device = Parameters<HostKeyStore["forgetHostKey"]>[0];
type ListParams = Parameters<HostKeyStore["listHostKeys"]>[0];
type HostKeyPage = Awaited<ReturnType<HostKeyStore["listHostKeys"]>>;
type Params = Omit<Parameters<HostKeyStore["checkHostKey"]>[0], "now">;

/** One key for each device: one of another algorithm is another key, or its sender would choose what we compare. */
export function checkHostKey(db: Database): Write<Params, "recorded" | "same" | "changed" | "unknown"> {
  const orm = drizzle({ client: db });
  return ({ record, ...key }, tx) => {
    const site = key.site ?? "";
    const known = orm.select().from(hostKeys).where(deviceIs(key)).get();
    if (known) {
      return known.algorithm === key.algorithm && known.fingerprint === key.fingerprint ? "same" : "changed";
    }
    if (!record) return "unknown";
    orm
      .insert(hostKeys)
      .values({ ...key, site, first_seen: tx.now })
      .run();
    return "recorded";
  };
}

export function forgetHostKey(db: Database): Write<Device, "forgotten" | "unknown"> {
  const orm = drizzle({ client: db });
  return (device) => {
    const gone = orm.delete(hostKeys).where(deviceIs(device)).returning({ host: hostKeys.host }).all();
    return gone.length > 0 ? "forgotten" : "unknown";
  };
}

export function listHostKeys(db: Database): (params: ListParams) => HostKeyPage {
  const orm = drizzle({ client: db });
  return ({ filter, limit, after }) => {
    const rows = orm
      .select()
      .from(hostKeys)
      .where(and(...filtered(filter), after === undefined ? undefined : isAfter(after)))
      .orderBy(hostKeys.site, hostKeys.host, hostKeys.port)
      // One more than asked for tells whether there is a next page.
      .limit(limit + 1)
      .all();
    const keys = rows.slice(0, limit).map(({ first_seen, ...key }) => ({
      ...key,
      site: key.site || null,
      firstSeen: first_seen,
    }));
    const last = keys.at(-1);
    return { keys, next: rows.length > limit && last ? hostKeyPlace(last) : null };
  };
}

function filtered({ site, host, port }: HostKeyFilter) {
  return [
    site === undefined ? undefined : eq(hostKeys.site, site ?? ""),
    host === undefined ? undefined : eq(hostKeys.host, host),
    port === undefined ? undefined : eq(hostKeys.port, port),
  ];
}

function isAfter(place: string) {
  const { site, host, port } = parseHostKeyPlace(place);
  const at = sql`(${hostKeys.site}, ${hostKeys.host}, ${hostKeys.port})`;
  return sql`${at} > (${site ?? ""}, ${host}, ${port})`;
}

function deviceIs({ site, host, port }: Device) {
  return and(eq(hostKeys.site, site ?? ""), eq(hostKeys.host, host), eq(hostKeys.port, port));
}
