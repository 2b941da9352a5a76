import type { Compiled } from "./compiled.ts";
import { NEGATIONS } from "./configure.ts";
import type { Candidate } from "./grammar.ts";

const COLUMN = 12;

/** What `?` prints for a line typed so far: words that may follow, or those that complete the last one. */
export function explainLine(compiled: Compiled, mode: string, line: string): string {
  const found = candidatesFor(compiled, mode, line);
  if (found.length === 0) return "% Unrecognized command\n";
  if (/\S$/.test(line)) return `${found.map(({ word }) => word).join("  ")}\n`;
  const width = Math.max(COLUMN, ...found.map(({ word }) => word.length));
  const lines = found.map(({ word, help }) => `  ${word.padEnd(width)}  ${help}`.trimEnd());
  return `${lines.join("\n")}\n`;
}

/** The line with its last word written out, null unless exactly one word fits. */
export function completeLine(compiled: Compiled, mode: string, line: string): string | null {
  if (!/\S$/.test(line)) return null;
  const [only, ...others] = candidatesFor(compiled, mode, line);
  if (!only || others.length > 0) return null;
  return `${line.replace(/\S+$/, "")}${only.word} `;
}

function candidatesFor(compiled: Compiled, mode: string, line: string): Candidate[] {
  const { help, execMode, dialect } = compiled.definition;
  const { kind, fallback } = compiled.mode(mode);
  const borrowed = kind === "config" ? dialect.borrows.exec(line) : null;
  if (borrowed) return compiled.grammar(execMode).candidates(line, borrowed[0].length, help);
  const from = kind === "config" ? (NEGATIONS[dialect.negation].exec(line)?.[0].length ?? 0) : 0;
  const own = compiled.grammar(mode).candidates(line, from, help);
  if (own.length > 0 || fallback === undefined) return own;
  return compiled.grammar(fallback).candidates(line, from, help);
}
