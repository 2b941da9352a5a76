import {
  type ConfigEntry,
  type LineOrder,
  lineOrder,
  newConfig,
  putLine,
  removeLines,
} from "../../cli/config-tree.ts";
import { Grammar, type Match } from "../../cli/grammar.ts";
import { commonTypes, type ParamType } from "../../cli/params.ts";

/** Between the levels of a statement, as it is kept. */
const LEVEL = " / ";

/** `"several words"` or one. */
const text: ParamType = {
  label: "<text>",
  help: "A word, or several in quotation marks",
  take(tokens, at) {
    const words = tokens.slice(at).map((token) => token.text);
    if (words[0]?.startsWith('"') !== true)
      return words[0] === undefined ? null : { value: words[0], used: 1 };
    const used = words.findIndex((word, index) => word.endsWith('"') && (index > 0 || word.length > 1)) + 1;
    return used === 0 ? null : { value: words.slice(0, used).join(" "), used };
  },
};

interface Statement {
  syntax: string;
  /** Words of each level. */
  levels: number[];
  /** Words that say which statement it replaces; none: several stand side by side. */
  slot: number | null;
}

/** Why a statement is none. */
export type RefusedStatement = Exclude<Match<unknown>, { kind: "ok" }>;

/** A configuration of statements with levels, shown in braces: Junos' and those that follow it. */
export class Statements {
  readonly #grammar: Grammar<Statement>;
  readonly #order: LineOrder;
  /** What a line ends with. */
  readonly #end: string;

  /** Levels are set apart by ` / `; `*` marks what may stand several times. */
  constructor(written: readonly string[], order: readonly string[], end: ";" | "") {
    this.#grammar = new Grammar(written.map(readStatement), { ...commonTypes, text });
    this.#order = lineOrder(order);
    this.#end = end;
  }

  /** Adds a statement or replaces the one like it; returns why it cannot be. */
  set(root: ConfigEntry, line: string): RefusedStatement | null {
    const match = this.#grammar.match(line);
    if (match.kind !== "ok") return match;
    const { entry, words } = match;
    const whole = leveled(words, entry.levels);
    const slot = entry.slot === null ? whole : leveled(words.slice(0, entry.slot), entry.levels);
    putLine(root, whole, slot, this.#order);
    return null;
  }

  /** Takes statements away; false when there is none. */
  remove(root: ConfigEntry, line: string): RefusedStatement | boolean {
    const match = this.#grammar.match(line, 0, true);
    if (match.kind !== "ok") return match;
    return removeLines(root, leveled(match.words, match.entry.levels)) > 0;
  }

  /** A configuration of these lines. */
  of(lines: readonly string[]): ConfigEntry {
    const root = newConfig();
    for (const line of lines) {
      if (this.set(root, line) !== null) throw new Error(`no configuration has ${line}`);
    }
    return root;
  }

  /** The configuration in braces; of `path` only, where one is given. */
  braces(root: ConfigEntry, path = ""): string[] {
    const wanted = path.split(" ").filter((word) => word !== "");
    const lines: string[] = [];
    let open: string[] = [];
    for (const { text: statement } of root.children) {
      const levels = statement.split(LEVEL);
      const depth = depthOf(levels, wanted);
      if (depth === null) continue;
      const shown = levels.slice(depth);
      const containers = shown.slice(0, -1);
      const common = commonLength(open, containers);
      for (let level = open.length - 1; level >= common; level--) lines.push(`${indent(level)}}`);
      for (let level = common; level < containers.length; level++) {
        lines.push(`${indent(level)}${containers[level]} {`);
      }
      lines.push(`${indent(containers.length)}${shown.at(-1)}${this.#end}`);
      open = containers;
    }
    for (let level = open.length - 1; level >= 0; level--) lines.push(`${indent(level)}}`);
    return lines;
  }
}

function readStatement(written: string): Statement {
  const several = written.startsWith("* ");
  const levels = written.replace("* ", "").split(LEVEL);
  const counts = levels.map((level) => level.match(/<[^>]*>|\S+/g)?.length ?? 0);
  const words = counts.reduce((sum, count) => sum + count, 0);
  const isFlag = !/>$/.test(written);
  return { syntax: levels.join(" "), levels: counts, slot: several ? null : isFlag ? words : words - 1 };
}

/** The value of the statement that begins so. */
export function statementOf({ children }: ConfigEntry, begins: string): string | undefined {
  const line = children.find((each) => each.text.startsWith(`${begins} `));
  return line?.text.slice(begins.length + 1).replaceAll('"', "");
}

function leveled(words: readonly string[], levels: readonly number[]): string {
  let from = 0;
  const parts = levels.map((count) => {
    from += count;
    return words.slice(from - count, from).join(" ");
  });
  return parts.filter((part) => part !== "").join(LEVEL);
}

/** How many levels of a statement are the path's; null: it lies elsewhere. */
function depthOf(levels: readonly string[], path: readonly string[]): number | null {
  let words = 0;
  for (const [depth, level] of levels.entries()) {
    if (words === path.length) return depth;
    const own = level.split(" ");
    if (own.some((word, index) => path[words + index] !== word)) return null;
    words += own.length;
  }
  return null;
}

function commonLength(a: readonly string[], b: readonly string[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}

function indent(level: number): string {
  return "    ".repeat(level);
}
