import type { Database } from "bun:sqlite";
import { and, desc, eq, isNotNull, lt, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/bun-sqlite";
import type { DeliveryAttempt } from "../../../core/webhook.ts";
import {
  type Delivery,
  type DeliveryClaim,
  type DeliveryOutcome,
  type DeliveryStore,
  fullTargets,
  MOST_ATTEMPTS,
  MOST_COUNTED,
} from "../../deliveries.ts";
import { deliveries, jobs } from "../schema.ts";
import claimSql from "../sql/claim-deliveries.sql" with { type: "text" };
import targetsSql from "../sql/deliveries-targets.sql" with { type: "text" };
import type { Write } from "../writer.ts";

type Params<M extends keyof DeliveryStore> = Omit<Parameters<DeliveryStore[M]>[0], "now">;
type Answer<M extends keyof DeliveryStore> = Awaited<ReturnType<DeliveryStore[M]>>;
type Row = typeof deliveries.$inferSelect;

interface Due {
  target: string;
  due_at: number;
}

export function claimDeliveries(db: Database): Write<Params<"claimDeliveries">, Answer<"claimDeliveries">> {
  const targets = db.prepare<Due, [{ busy: string; max: number }]>(targetsSql);
  const lease = db.prepare<Row, [{ target: string; now: number; max: number; margin_ms: number }]>(claimSql);

  return ({ max, perTarget, busy, marginMs }, { now }) => {
    const claims: DeliveryClaim[] = [];
    const full = JSON.stringify(fullTargets(busy, perTarget));
    const first = targets.all({ busy: full, max });
    for (const { target } of first.filter(({ due_at }) => due_at <= now)) {
      const most = Math.min(perTarget - (busy[target] ?? 0), max - claims.length);
      if (most > 0) claims.push(...lease.all({ target, now, max: most, margin_ms: marginMs }).map(toClaim));
    }
    const [next] = targets.all({ busy: full, max: 1 });
    return { claims, nextInMs: next ? Math.max(0, next.due_at - now) : null };
  };
}

export function settleDelivery(db: Database): Write<Params<"settleDelivery">, Answer<"settleDelivery">> {
  const orm = drizzle({ client: db });
  return ({ jobId, claim, outcome, attempt }, { now }) => {
    const row = orm.select().from(deliveries).where(eq(deliveries.job_id, jobId)).get();
    if (row?.claim !== claim) return "lost";
    if (row.leased === 0) return "already";
    orm
      .update(deliveries)
      .set({ leased: 0, attempts: withAttempt(row, attempt), ...changeOf(outcome, row, now) })
      .where(eq(deliveries.seq, row.seq))
      .run();
    if (outcome.kind === "dead") {
      const keep = { keep_until: sql`max(keep_until, ${now + outcome.keepMs})` };
      orm.update(jobs).set(keep).where(eq(jobs.seq, row.seq)).run();
    }
    return "ok";
  };
}

function changeOf(outcome: DeliveryOutcome, { tries }: Row, now: number): Partial<Row> {
  switch (outcome.kind) {
    case "delivered":
      return { state: "delivered", due_at: null, settled_at: now, sealed: null };
    case "dead":
      return { state: "dead", due_at: null, settled_at: now };
    case "retry":
      return { due_at: now + outcome.delayMs };
    case "released":
      return { due_at: now, tries: tries - 1 };
  }
}

function withAttempt(row: Row, attempt: DeliveryAttempt | null): string {
  const before = attemptsOf(row);
  return JSON.stringify((attempt ? [...before, attempt] : before).slice(-MOST_ATTEMPTS));
}

export function getDelivery(db: Database): (params: Params<"getDelivery">) => Answer<"getDelivery"> {
  const orm = drizzle({ client: db });
  return ({ jobId }) => {
    const row = orm.select().from(deliveries).where(eq(deliveries.job_id, jobId)).get();
    return row && row.state !== null ? toDelivery(row) : null;
  };
}

export function countDeliveries(db: Database): () => Answer<"countDeliveries"> {
  const inState = db.prepare<{ n: number }, [string]>(
    `SELECT count(*) AS n FROM (SELECT 1 FROM deliveries WHERE state = ? LIMIT ${MOST_COUNTED})`,
  );
  const targets = db.prepare<Due, [{ busy: string; max: number }]>(targetsSql);
  return () => ({
    pending: inState.get("pending")?.n ?? 0,
    dead: inState.get("dead")?.n ?? 0,
    firstDueAt: targets.get({ busy: "[]", max: 1 })?.due_at ?? null,
  });
}

export function listDeliveries(db: Database): (params: Params<"listDeliveries">) => Answer<"listDeliveries"> {
  const orm = drizzle({ client: db });
  return ({ state, limit, after }) => {
    const rows = orm
      .select()
      .from(deliveries)
      .where(
        and(
          isNotNull(deliveries.state),
          state === undefined ? undefined : eq(deliveries.state, state),
          after === undefined ? undefined : lt(deliveries.job_id, after),
        ),
      )
      .orderBy(desc(deliveries.job_id))
      // One more than asked for tells whether there is a next page.
      .limit(limit + 1)
      .all();
    const page = rows.slice(0, limit).map(toDelivery);
    return { deliveries: page, next: rows.length > limit ? (page.at(-1)?.jobId ?? null) : null };
  };
}

export function replayDelivery(db: Database): Write<Params<"replayDelivery">, Answer<"replayDelivery">> {
  const orm = drizzle({ client: db });
  return ({ jobId, webhook }, tx) => {
    const row = orm.select().from(deliveries).where(eq(deliveries.job_id, jobId)).get();
    if (!row || row.state === null) return "unknown";
    if (row.state === "pending") return "pending";
    if (!webhook && row.sealed === null) return "erased";
    const anew = webhook && {
      target: webhook.target,
      timeout_ms: webhook.timeoutMs,
      sealed: Buffer.from(webhook.sealed),
    };
    orm
      .update(deliveries)
      .set({ ...anew, state: "pending", due_at: tx.now, settled_at: null, tries: 0 })
      .where(eq(deliveries.seq, row.seq))
      .run();
    tx.hint({ kind: "delivery" });
    return "replayed";
  };
}

function toClaim(row: Row): DeliveryClaim {
  return { delivery: toDelivery(row), claim: row.claim, sealed: row.sealed ?? new Uint8Array() };
}

function toDelivery(row: Row): Delivery {
  const { status, state, created_at: createdAt } = row;
  if (status === null || state === null || createdAt === null) throw new Error("a delivery before its time");
  return {
    jobId: row.job_id,
    status,
    target: row.target,
    state,
    tries: row.tries,
    createdAt,
    dueAt: row.due_at,
    settledAt: row.settled_at,
    attempts: attemptsOf(row),
  };
}

function attemptsOf({ attempts }: Row): DeliveryAttempt[] {
  // Safe: written by `withAttempt` only.
  return JSON.parse(attempts) as DeliveryAttempt[];
}
