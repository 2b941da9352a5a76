import { closeSync, existsSync, openSync, readFileSync, writeSync } from "node:fs";
import type { Answer, Call } from "./calls.ts";

/**
 * What a caller asked of a store and what it was told, in the order of both. Written line by line with plain
 * writes to a file: what is written survives the death of its writer.
 */
export type Entry = { type: "asked"; n: number; call: Call } | { type: "told"; n: number; answer: Answer };

export interface Journal {
  asked(n: number, call: Call): void;
  told(n: number, answer: Answer): void;
  close(): void;
}

export function openJournal(path: string): Journal {
  const file = openSync(path, "a", 0o600);
  const write = (entry: Entry) => void writeSync(file, `${JSON.stringify(entry)}\n`);
  return {
    asked: (n, call) => write({ type: "asked", n, call }),
    told: (n, answer) => write({ type: "told", n, answer }),
    close: () => closeSync(file),
  };
}

/** A last line without its end was being written when its writer was killed: its call was not made yet. */
export function readJournal(path: string): Entry[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Entry);
}
