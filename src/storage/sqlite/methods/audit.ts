import type { Database } from "bun:sqlite";
import { and, desc, eq, inArray, lt } from "drizzle-orm";
import { drizzle } from "drizzle-orm/bun-sqlite";
import { type AuditStore, fitsAudit } from "../../audit.ts";
import { breathe } from "../patience.ts";
import type { Reader } from "../reader.ts";
import { audit } from "../schema.ts";
import type { Write } from "../writer.ts";

type Asked<M extends keyof AuditStore> = Parameters<AuditStore[M]>[0];
type Answer<M extends keyof AuditStore> = Awaited<ReturnType<AuditStore[M]>>;

/** Entries looked at in one go. */
const SLICE = 2_000;

export function appendAudit(db: Database): Write<Omit<Asked<"appendAudit">, "now">, void> {
  const add = db.prepare(
    `INSERT INTO audit (at, actor, action, outcome, host, site, job, batch, detail)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return ({ entries }, { now }) => {
    for (const { actor, action, outcome, host, site, job, batch, detail } of entries)
      add.run(now, actor, action, outcome, host, site, job, batch, detail);
  };
}

/** A slice at a time, so that the loop is free in between. */
export function listAudit(db: Database, reader: Reader): AuditStore["listAudit"] {
  const orm = drizzle({ client: db });

  function slice(host: string | undefined, before: number) {
    const wanted = and(lt(audit.seq, before), host === undefined ? undefined : eq(audit.host, host));
    return orm.select().from(audit).where(wanted).orderBy(desc(audit.seq)).limit(SLICE).all();
  }

  return async ({ filter, limit, after }) => {
    const found: ReturnType<typeof slice> = [];
    let before = after === undefined ? Number.MAX_SAFE_INTEGER : Number(after);
    for (let got = SLICE; got === SLICE && found.length <= limit; ) {
      if (found.length > 0 || before < Number.MAX_SAFE_INTEGER) await breathe();
      const rows = await reader.read(() => slice(filter.host, before));
      found.push(...rows.filter((row) => fitsAudit(row, filter)));
      got = rows.length;
      before = rows.at(-1)?.seq ?? before;
    }
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      entries: page.map(({ seq, ...entry }) => entry),
      next: found.length > limit && last ? String(last.seq) : null,
    };
  };
}

/** The oldest first, as far as they are old: a clock that was set back keeps what lies behind. */
export function pruneAudit(db: Database): Write<Asked<"pruneAudit">, Answer<"pruneAudit">> {
  const orm = drizzle({ client: db });
  return ({ before, max }) => {
    const oldest = orm
      .select({ seq: audit.seq, at: audit.at })
      .from(audit)
      .orderBy(audit.seq)
      .limit(max)
      .all();
    const kept = oldest.findIndex(({ at }) => at >= before);
    const old = (kept < 0 ? oldest : oldest.slice(0, kept)).map(({ seq }) => seq);
    if (old.length > 0) orm.delete(audit).where(inArray(audit.seq, old)).run();
    return { pruned: old.length };
  };
}
