import type { Database } from "bun:sqlite";
import { and, desc, eq, gt, inArray, lt, lte } from "drizzle-orm";
import { drizzle } from "drizzle-orm/bun-sqlite";
import type { KnownTask, TaskStore } from "../../tasks.ts";
import type { Reader } from "../reader.ts";
import { tasks } from "../schema.ts";
import type { Write } from "../writer.ts";

type Params<M extends keyof TaskStore> = Omit<Parameters<TaskStore[M]>[0], "now">;
type Answer<M extends keyof TaskStore> = Awaited<ReturnType<TaskStore[M]>>;
type Read<M extends keyof TaskStore> = (params: Parameters<TaskStore[M]>[0]) => Answer<M>;

export function putTask(db: Database): Write<Params<"putTask">, void> {
  const orm = drizzle({ client: db });
  return ({ task: { createdAt, expiresAt, sealed, ...task } }) => {
    const row = { ...task, created_at: createdAt, expires_at: expiresAt, sealed: Buffer.from(sealed) };
    orm.insert(tasks).values(row).onConflictDoUpdate({ target: tasks.id, set: row }).run();
  };
}

export function getTask(db: Database, { clock }: Reader): Read<"getTask"> {
  const orm = drizzle({ client: db });
  return ({ id, now = clock.now() }) => {
    const row = orm
      .select()
      .from(tasks)
      .where(and(eq(tasks.id, id), gt(tasks.expires_at, now)))
      .get();
    return row ? toTask(row) : null;
  };
}

export function listTasks(db: Database, { clock }: Reader): Read<"listTasks"> {
  const orm = drizzle({ client: db });
  return ({ state, limit, after, now = clock.now() }) => {
    const rows = orm
      .select()
      .from(tasks)
      .where(
        and(
          gt(tasks.expires_at, now),
          state === undefined ? undefined : eq(tasks.state, state),
          after === undefined ? undefined : lt(tasks.id, after),
        ),
      )
      .orderBy(desc(tasks.id))
      // One more than asked for tells whether there is a next page.
      .limit(limit + 1)
      .all();
    const page = rows.slice(0, limit).map(toTask);
    return { tasks: page, next: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
  };
}

export function markTask(db: Database): Write<Params<"markTask">, Answer<"markTask">> {
  const orm = drizzle({ client: db });
  return ({ id, state }) => {
    const marked = orm.update(tasks).set({ state }).where(eq(tasks.id, id)).returning({ id: tasks.id }).all();
    return marked.length > 0 ? "marked" : "unknown";
  };
}

export function forgetTask(db: Database): Write<Params<"forgetTask">, Answer<"forgetTask">> {
  const orm = drizzle({ client: db });
  return ({ id }) => {
    const gone = orm.delete(tasks).where(eq(tasks.id, id)).returning({ id: tasks.id }).all();
    return gone.length > 0 ? "forgotten" : "unknown";
  };
}

export function pruneTasks(db: Database): Write<Params<"pruneTasks">, Answer<"pruneTasks">> {
  const orm = drizzle({ client: db });
  return ({ max }, tx) => {
    const due = orm
      .select({ id: tasks.id })
      .from(tasks)
      .where(lte(tasks.expires_at, tx.now))
      .limit(max)
      .all();
    const ids = due.map(({ id }) => id);
    if (ids.length > 0) orm.delete(tasks).where(inArray(tasks.id, ids)).run();
    return { pruned: ids.length };
  };
}

function toTask({ created_at, expires_at, ...row }: typeof tasks.$inferSelect): KnownTask {
  return { ...row, createdAt: created_at, expiresAt: expires_at };
}
