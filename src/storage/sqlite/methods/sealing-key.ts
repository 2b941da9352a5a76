import type { Database } from "bun:sqlite";
import { eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/bun-sqlite";
import type { SealingKeyStore } from "../../sealing-key.ts";
import { meta } from "../schema.ts";
import type { Write } from "../writer.ts";

type Asked<M extends keyof SealingKeyStore> = Parameters<SealingKeyStore[M]>[0];
type Answer<M extends keyof SealingKeyStore> = Awaited<ReturnType<SealingKeyStore[M]>>;
type Orm = ReturnType<typeof drizzle>;

const CURRENT = "sealing_key";
const PREVIOUS = "sealing_key_before";

export function checkSealingKey(db: Database): Write<Asked<"checkSealingKey">, Answer<"checkSealingKey">> {
  const orm = drizzle({ client: db });
  return ({ keyId }) => {
    const known = stored(orm, CURRENT);
    if (known !== null) return known === keyId ? "same" : "changed";
    put(orm, CURRENT, keyId);
    return "recorded";
  };
}

export function sealingKeys(db: Database): () => Answer<"sealingKeys"> {
  const orm = drizzle({ client: db });
  return () => ({ current: stored(orm, CURRENT), previous: stored(orm, PREVIOUS) });
}

export function changeSealingKey(db: Database): Write<Asked<"changeSealingKey">, Answer<"changeSealingKey">> {
  const orm = drizzle({ client: db });
  return ({ from, to }) => {
    const [current, previous] = [stored(orm, CURRENT), stored(orm, PREVIOUS)];
    if (current === to && previous === from) return "changed";
    if (current !== from || previous !== null) return "other";
    put(orm, CURRENT, to);
    put(orm, PREVIOUS, from);
    return "changed";
  };
}

export function endKeyChange(db: Database): Write<Asked<"endKeyChange">, void> {
  const orm = drizzle({ client: db });
  return ({ current }) => {
    if (stored(orm, CURRENT) === current) orm.delete(meta).where(eq(meta.name, PREVIOUS)).run();
  };
}

function stored(orm: Orm, name: string): string | null {
  return orm.select().from(meta).where(eq(meta.name, name)).get()?.value ?? null;
}

function put(orm: Orm, name: string, value: string): void {
  orm.insert(meta).values({ name, value }).onConflictDoUpdate({ target: meta.name, set: { value } }).run();
}
