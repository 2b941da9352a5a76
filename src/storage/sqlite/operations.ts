import type { Database } from "bun:sqlite";

/** At least as long as the seam promises. */
export const OPERATION_TTL_MS = 10 * 60 * 1000;

/** Answers already given. What is remembered must hold nothing secret. */
export interface Operations {
  /** One part of the answer to `op`; undefined when it was never given. */
  recall<A>(op: string, part?: number): A | undefined;
  remember(op: string, part: number, answer: unknown, now: number): void;
}

export function prepareOperations(db: Database): Operations {
  const find = db.prepare<{ answer: string }, [string, number]>(
    "SELECT answer FROM operations WHERE op = ? AND part = ?",
  );
  const add = db.prepare("INSERT INTO operations (op, part, at, answer) VALUES (?, ?, ?, ?)");
  return {
    recall<A>(op: string, part = 0) {
      const row = find.get(op, part);
      // Safe: under one `op` lies only what the same method remembered.
      return row === null ? undefined : (JSON.parse(row.answer) as A);
    },
    remember: (op, part, answer, now) => void add.run(op, part, now, JSON.stringify(answer)),
  };
}
