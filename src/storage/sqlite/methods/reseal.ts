import type { Database } from "bun:sqlite";
import type { SealedKind, SealingKeyStore } from "../../sealing-key.ts";
import type { Write } from "../writer.ts";

type Asked<M extends keyof SealingKeyStore> = Parameters<SealingKeyStore[M]>[0];
type Answer<M extends keyof SealingKeyStore> = Awaited<ReturnType<SealingKeyStore[M]>>;

/** Pages go by what each table is ordered by; a job is bound to its id, which is not in the table of operations. */
const LIST: Record<SealedKind, string> = {
  jobs: `SELECT j.id, p.sealed, p.seq AS place FROM payloads AS p JOIN jobs AS j ON j.seq = p.seq
    WHERE p.seq > CAST(? AS INTEGER) ORDER BY p.seq LIMIT ?`,
  webhooks: `SELECT job_id AS id, sealed, seq AS place FROM deliveries
    WHERE seq > CAST(? AS INTEGER) AND sealed IS NOT NULL ORDER BY seq LIMIT ?`,
  tasks: "SELECT id, sealed, id AS place FROM tasks WHERE id > ? ORDER BY id LIMIT ?",
  secrets: "SELECT name AS id, sealed, name AS place FROM secrets WHERE name > ? ORDER BY name LIMIT ?",
};

const RESEAL: Record<SealedKind, string> = {
  jobs: "UPDATE payloads SET sealed = ? WHERE seq = (SELECT seq FROM jobs WHERE id = ?) AND sealed = ?",
  webhooks: "UPDATE deliveries SET sealed = ? WHERE job_id = ? AND sealed = ?",
  tasks: "UPDATE tasks SET sealed = ? WHERE id = ? AND sealed = ?",
  secrets: "UPDATE secrets SET sealed = ? WHERE name = ? AND sealed = ?",
};

interface Row {
  id: string;
  sealed: Uint8Array;
  place: string | number;
}

export function listSealed(db: Database): (params: Asked<"listSealed">) => Answer<"listSealed"> {
  return ({ kind, limit, after = "" }) => {
    using statement = db.prepare<Row, [string, number]>(LIST[kind]);
    const rows = statement.all(after, limit + 1);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const items = page.map(({ id, sealed }) => ({ id, sealed }));
    return { items, next: rows.length > limit && last ? String(last.place) : null };
  };
}

export function reseal(db: Database): Write<Asked<"reseal">, Answer<"reseal">> {
  return ({ kind, items }) => {
    using statement = db.prepare<unknown, [Uint8Array, string, Uint8Array]>(RESEAL[kind]);
    let count = 0;
    for (const { id, sealed, resealed } of items) count += statement.run(resealed, id, sealed).changes;
    return { count };
  };
}
