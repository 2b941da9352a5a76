import type { Database } from "bun:sqlite";
import { eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/bun-sqlite";
import type { SealingKeyStore } from "../../sealing-key.ts";
import { meta } from "../schema.ts";
import type { Write } from "../writer.ts";

type Params = Parameters<SealingKeyStore["checkSealingKey"]>[0];

const NAME = "sealing_key";

export function checkSealingKey(db: Database): Write<Params, "recorded" | "same" | "changed"> {
  const orm = drizzle({ client: db });
  return ({ keyId }) => {
    const known = orm.select().from(meta).where(eq(meta.name, NAME)).get();
    if (known) return known.value === keyId ? "same" : "changed";
    orm.insert(meta).values({ name: NAME, value: keyId }).run();
    return "recorded";
  };
}
