import type { Database } from "bun:sqlite";
import { and, eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/bun-sqlite";
import type { HostKeyStore } from "../../host-keys.ts";
import { hostKeys } from "../schema.ts";
import type { Write } from "../writer.ts";

type Device = Parameters<HostKeyStore["forgetHostKey"]>[0];
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

function deviceIs({ site, host, port }: Device) {
  return and(eq(hostKeys.site, site ?? ""), eq(hostKeys.host, host), eq(hostKeys.port, port));
}
