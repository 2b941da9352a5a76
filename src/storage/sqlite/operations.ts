import type { Database } from "bun:sqlite";
import { asc, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/bun-sqlite";
import { operations } from "./schema.ts";

/** At least as long as the seam promises. */
export const OPERATION_TTL_MS = 10 * 60 * 1000;

/** Answers already given. What is remembered must hold nothing secret. */
export interface Operations {
  /** The parts of the answer to `op`, oldest first; empty when it was never asked. */
  recall<A>(op: string): A[];
  remember(op: string, part: number, answer: unknown, now: number): void;
}

export function prepareOperations(db: Database): Operations {
  const orm = drizzle({ client: db });
  const find = orm
    .select({ answer: operations.answer })
    .from(operations)
    .where(sql`${operations.op} = +${sql.placeholder("op")}`)
    .orderBy(asc(operations.part))
    .prepare();
  const add = db.prepare("INSERT INTO operations (op, part, at, answer) VALUES (?, ?, ?, ?)");
  return {
    // Safe: under one `op` lies only what the same method remembered.
    recall: <A>(op: string) => find.all({ op }).map(({ answer }) => JSON.parse(answer) as A),
    remember: (op, part, answer, now) => void add.run(op, part, now, JSON.stringify(answer)),
  };
}
