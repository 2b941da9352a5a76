import { CharSet, charOf, type SetItem } from "./char-set.ts";
import { Cursor } from "./cursor.ts";
import { categoryOf, classEscape, DIGIT, readEscape } from "./escapes.ts";
import { type FlagChange, type Flags, foldOf, isFlag, NO_FLAGS, readFlags } from "./flags.ts";
import { checkName, Groups, isName, quote } from "./groups.ts";
import { type Anchor, type Mode, type Node, type Pattern, UNBOUNDED } from "./tree.ts";
import { widthOf } from "./width.ts";

/** Deeper ones could exhaust the stack of what walks the tree. */
const MAX_NESTING = 100;
/** As in Python: larger counts are taken for "without bound" elsewhere. */
const MAX_REPEAT = 2 ** 32 - 1;

/** Reads a pattern as Python 3.11's `re` does; throws `RegexSyntaxError` for what that refuses. */
export function parsePattern(pattern: string, flags = NO_FLAGS): Pattern {
  const parser = new Parser(pattern);
  return parser.whole(flags);
}

class Parser {
  readonly #cursor: Cursor;
  readonly #groups = new Groups();
  #nesting = 0;

  constructor(pattern: string) {
    this.#cursor = new Cursor(pattern);
  }

  whole(given: Flags): Pattern {
    const root = this.#alternatives(this.#globalFlags(given));
    if (this.#cursor.next !== null) this.#cursor.fail("unbalanced parenthesis");
    this.#groups.checkAwaited(this.#cursor);
    return { root, groups: this.#groups.count, names: this.#groups.names };
  }

  /** `(?i)` counts for the whole pattern and may stand only before everything else but comments. */
  #globalFlags(given: Flags): Flags {
    const cursor = this.#cursor;
    let flags = given;
    for (;;) {
      const from = cursor.position;
      if (flags.verbose) this.#skipBlank();
      if (this.#tryComment()) continue;
      const change = this.#tryFlags(flags);
      if (change === null || !change.global) {
        cursor.seek(from);
        return flags;
      }
      flags = change.flags;
    }
  }

  #tryComment(): boolean {
    const from = this.#cursor.position;
    const found = this.#cursor.accept("(") && this.#cursor.accept("?") && this.#cursor.accept("#");
    if (found) this.#comment(from);
    else this.#cursor.seek(from);
    return found;
  }

  #tryFlags(flags: Flags): FlagChange | null {
    const cursor = this.#cursor;
    if (!cursor.accept("(") || !cursor.accept("?")) return null;
    const first = cursor.take();
    return first === null || !isFlag(first) ? null : readFlags(cursor, first, flags);
  }

  #alternatives(flags: Flags): Node {
    if (++this.#nesting > MAX_NESTING) {
      this.#cursor.fail(`groups are nested more than ${MAX_NESTING} deep`);
    }
    const branches = [this.#sequence(flags)];
    while (this.#cursor.accept("|")) branches.push(this.#sequence(flags));
    this.#nesting--;
    const [only] = branches;
    return branches.length === 1 && only ? only : { kind: "branch", branches };
  }

  #sequence(flags: Flags): Node {
    const cursor = this.#cursor;
    const nodes: Node[] = [];
    for (;;) {
      if (flags.verbose) this.#skipBlank();
      const token = cursor.next;
      if (token === null || token === "|" || token === ")") break;
      const repeat = this.#quantifier();
      if (repeat === null) nodes.push(...this.#atom(flags));
      else nodes.push(this.#repeated(nodes.pop(), repeat));
    }
    const [only] = nodes;
    return nodes.length === 1 && only ? only : { kind: "sequence", nodes };
  }

  #skipBlank(): void {
    const cursor = this.#cursor;
    for (;;) {
      if (cursor.accept("#")) {
        let token = cursor.take();
        while (token !== null && token !== "\n") token = cursor.take();
      } else if (cursor.next !== null && /^[ \t\n\r\v\f]$/.test(cursor.next)) cursor.take();
      else return;
    }
  }

  /** The counts that come next; null where something else does. A brace that is no count is a character. */
  #quantifier(): { min: number; max: number } | null {
    const cursor = this.#cursor;
    if (cursor.accept("?")) return { min: 0, max: 1 };
    if (cursor.accept("*")) return { min: 0, max: UNBOUNDED };
    if (cursor.accept("+")) return { min: 1, max: UNBOUNDED };
    const from = cursor.position;
    if (!cursor.accept("{")) return null;
    const counts = cursor.next === "}" ? null : this.#counts(from);
    if (counts === null) cursor.seek(from);
    return counts;
  }

  #counts(from: number): { min: number; max: number } | null {
    const cursor = this.#cursor;
    const low = this.#digits();
    const high = cursor.accept(",") ? this.#digits() : low;
    if (!cursor.accept("}")) return null;
    const min = low === "" ? 0 : Number(low);
    const max = high === "" ? UNBOUNDED : Number(high);
    if (min >= MAX_REPEAT || max >= MAX_REPEAT) cursor.fail("the repetition number is too large", from);
    if (max < min) cursor.fail("min repeat greater than max repeat", from);
    return { min: Math.min(min, UNBOUNDED), max: Math.min(max, UNBOUNDED) };
  }

  #digits(): string {
    return this.#cursor.takeWhile(Number.POSITIVE_INFINITY, DIGIT);
  }

  #repeated(body: Node | undefined, counts: { min: number; max: number }): Node {
    if (body === undefined || body.kind === "anchor") return this.#cursor.fail("nothing to repeat");
    if (body.kind === "repeat") return this.#cursor.fail("multiple repeat");
    return { kind: "repeat", ...counts, mode: this.#mode(), body };
  }

  #mode(): Mode {
    if (this.#cursor.accept("?")) return "lazy";
    return this.#cursor.accept("+") ? "possessive" : "greedy";
  }

  /** One item; none for a comment. */
  #atom(flags: Flags): Node[] {
    const cursor = this.#cursor;
    const token = cursor.take() ?? cursor.fail("unexpected end of pattern");
    if (token === "(") return this.#parenthesis(flags);
    if (token === "[") return [{ kind: "char", set: this.#set(flags) }];
    if (token === ".") return [{ kind: "char", set: anyChar(flags) }];
    if (token === "^") return [anchor(flags.multiline ? "line-start" : "start")];
    if (token === "$") return [anchor(flags.multiline ? "line-end" : "end-or-last-newline")];
    if (token.startsWith("\\")) return [this.#escaped(token, flags)];
    return [{ kind: "char", set: charOf(token.codePointAt(0) ?? 0, foldOf(flags)) }];
  }

  #escaped(token: string, flags: Flags): Node {
    const where = ANCHORS[token];
    if (where !== undefined) return anchor(flags.ascii ? (ASCII_ANCHORS[where] ?? where) : where);
    const category = categoryOf(token, flags.ascii);
    if (category !== null)
      return { kind: "char", set: new CharSet({ items: [category], fold: foldOf(flags) }) };
    const found = readEscape(this.#cursor, token);
    if (found.kind === "char") return { kind: "char", set: charOf(found.code, foldOf(flags)) };
    return this.#reference(found.number, flags);
  }

  #reference(number: number, flags: Flags): Node {
    this.#groups.refer(this.#cursor, number);
    return { kind: "reference", number, fold: foldOf(flags) };
  }

  #set(flags: Flags): CharSet {
    const cursor = this.#cursor;
    const from = cursor.position - 1;
    const negated = cursor.accept("^");
    const items: SetItem[] = [];
    for (;;) {
      const token = cursor.take() ?? cursor.fail("unterminated character set", from);
      if (token === "]" && items.length > 0) break;
      const item = this.#setItem(token, flags);
      if (!cursor.accept("-")) items.push(item);
      else if (cursor.accept("]")) {
        items.push(item, { kind: "range", from: 45, to: 45 });
        break;
      } else items.push(this.#range(token, item, flags, from));
    }
    return new CharSet({ items, negated, fold: foldOf(flags) });
  }

  #setItem(token: string, flags: Flags): SetItem {
    const category = categoryOf(token, flags.ascii);
    if (category !== null) return category;
    const code = token.startsWith("\\") ? classEscape(this.#cursor, token) : (token.codePointAt(0) ?? 0);
    return { kind: "range", from: code, to: code };
  }

  #range(low: string, from: SetItem, flags: Flags, start: number): SetItem {
    const cursor = this.#cursor;
    const high = cursor.take() ?? cursor.fail("unterminated character set", start);
    const to = this.#setItem(high, flags);
    if (from.kind !== "range" || to.kind !== "range" || to.to < from.from) {
      return cursor.fail(`bad character range ${low}-${high}`);
    }
    return { kind: "range", from: from.from, to: to.to };
  }

  #parenthesis(flags: Flags): Node[] {
    const cursor = this.#cursor;
    const from = cursor.position - 1;
    if (!cursor.accept("?")) return [this.#capture(null, flags, from)];
    const token = cursor.take() ?? cursor.fail("unexpected end of pattern");
    switch (token) {
      case "P":
        return [this.#python(flags, from)];
      case ":":
        return [wrapped(this.#inside(flags, from))];
      case "#":
        this.#comment(from);
        return [];
      case "=":
      case "!":
        return [{ kind: "look", back: 0, negative: token === "!", body: this.#inside(flags, from) }];
      case "<":
        return [this.#lookbehind(flags, from)];
      case "(":
        return [this.#conditional(flags, from)];
      case ">":
        return [{ kind: "atomic", body: this.#inside(flags, from) }];
    }
    if (!isFlag(token)) return cursor.fail(`unknown extension ?${token}`, from);
    const change = readFlags(cursor, token, flags);
    if (change.global) {
      cursor.fail("global flags not at the start of the expression; (?i:…) sets them for a part", from);
    }
    return [wrapped(this.#inside(change.flags, from))];
  }

  /** What is left of a group, with the parenthesis that closes it. */
  #inside(flags: Flags, from: number): Node {
    const body = this.#alternatives(flags);
    this.#close(from);
    return body;
  }

  #close(from: number): void {
    if (!this.#cursor.accept(")")) this.#cursor.fail("missing ), unterminated subpattern", from);
  }

  #capture(name: string | null, flags: Flags, from: number): Node {
    const number = this.#groups.open(this.#cursor, name);
    const body = this.#inside(flags, from);
    this.#groups.close(number, body);
    return { kind: "group", number, body };
  }

  #python(flags: Flags, from: number): Node {
    const cursor = this.#cursor;
    if (cursor.accept("<")) {
      const name = cursor.takeUntil(">", "group name");
      checkName(cursor, name);
      return this.#capture(name, flags, from);
    }
    if (cursor.accept("=")) {
      return this.#reference(this.#groups.named(cursor, cursor.takeUntil(")", "group name")), flags);
    }
    return cursor.fail(`unknown extension ?P${cursor.next ?? ""}`, from);
  }

  #comment(from: number): void {
    let token = this.#cursor.take();
    while (token !== ")") {
      if (token === null) this.#cursor.fail("missing ), unterminated comment", from);
      token = this.#cursor.take();
    }
  }

  #lookbehind(flags: Flags, from: number): Node {
    const cursor = this.#cursor;
    const token = cursor.take();
    if (token !== "=" && token !== "!") return cursor.fail(`unknown extension ?<${token ?? ""}`, from);
    const body = this.#groups.insideLookbehind(() => this.#alternatives(flags));
    this.#close(from);
    const { min, max } = widthOf(body, this.#groups.widths);
    if (min !== max) cursor.fail("look-behind requires fixed-width pattern", from);
    return { kind: "look", back: min, negative: token === "!", body };
  }

  #conditional(flags: Flags, from: number): Node {
    const cursor = this.#cursor;
    const number = this.#condition(cursor.takeUntil(")", "group name"));
    this.#groups.checkLookbehind(cursor, number);
    if (++this.#nesting > MAX_NESTING) cursor.fail(`groups are nested more than ${MAX_NESTING} deep`);
    const yes = this.#sequence(flags);
    const no: Node = cursor.accept("|") ? this.#sequence(flags) : { kind: "sequence", nodes: [] };
    this.#nesting--;
    if (cursor.next === "|") cursor.fail("conditional with more than two branches");
    this.#close(from);
    return { kind: "conditional", number, yes, no };
  }

  #condition(name: string): number {
    const cursor = this.#cursor;
    if (isName(name)) return this.#groups.named(cursor, name);
    if (!/^[0-9]{1,9}$/.test(name)) return cursor.fail(`bad character in group name ${quote(name)}`);
    const number = Number(name);
    if (number === 0) cursor.fail("bad group number");
    this.#groups.await(cursor, number);
    return number;
  }
}

const ANCHORS: Readonly<Record<string, Anchor>> = {
  "\\A": "start",
  "\\Z": "end",
  "\\b": "boundary",
  "\\B": "no-boundary",
};

const ASCII_ANCHORS: Partial<Record<Anchor, Anchor>> = {
  boundary: "ascii-boundary",
  "no-boundary": "no-ascii-boundary",
};

function anchor(where: Anchor): Node {
  return { kind: "anchor", anchor: where };
}

function anyChar(flags: Flags): CharSet {
  return new CharSet({ items: flags.dotAll ? [] : [{ kind: "range", from: 10, to: 10 }], negated: true });
}

/** So that `(?:a*)*` and `(?:^)*` count as one item, as in Python. */
function wrapped(body: Node): Node {
  return { kind: "sequence", nodes: [body] };
}
