/** The longest text that a pattern is matched against at once, in characters. */
const LINE = 400;
/** All of ASCII, and one character for the rest. */
const ALPHABET = [...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)), "é"];

/** A character of a class, so many times. */
interface Atom {
  set: ReadonlySet<string>;
  min: number;
  max: number;
}

/** One way through a pattern, without its alternatives. */
interface Way {
  anchored: boolean;
  atoms: Atom[];
}

/** More ways than this through one pattern are not looked at, and not needed. */
const MAX_WAYS = 5000;

/**
 * The most steps a backtracking matcher may take for each character of a line, by the pattern's form: an
 * upper bound that grows with every pair of repeats that can take the same characters. `Infinity` for what may take
 * exponential time: a repeat, or a choice, within a repeat.
 */
export function patternCost(pattern: RegExp): number {
  try {
    const ways = new Parser(pattern.source, pattern.flags.replace("g", "")).parse();
    return Math.max(...ways.map(costOf));
  } catch (error) {
    if (error instanceof Unbounded) return Number.POSITIVE_INFINITY;
    throw error;
  }
}

/** Every pattern within a value, with the way to it. */
export function patternsOf(value: unknown, path = ""): { path: string; pattern: RegExp }[] {
  if (value instanceof RegExp) return [{ path, pattern: value }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    patternsOf(inner, path === "" ? key : `${path}.${key}`),
  );
}

class Unbounded extends Error {}

function costOf({ anchored, atoms }: Way): number {
  const longest = Math.max(1, ...atoms.map((_, index) => ambiguity(atoms, index)));
  return anchored ? longest / LINE : longest;
}

/** In how many ways the repeat at `index`, and those behind it that it may run into, can share a text. */
function ambiguity(atoms: readonly Atom[], index: number): number {
  const [first, ...rest] = atoms.slice(index);
  if (first === undefined) return 1;
  let ways = choices(first);
  if (ways === 1) return 1;
  for (const atom of rest) {
    const shares = overlap(first.set, atom.set);
    if (shares) ways *= choices(atom);
    else if (atom.min > 0) break;
  }
  return ways;
}

function choices({ min, max }: Atom): number {
  return Math.min(max, LINE) - Math.min(min, LINE) + 1;
}

function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  for (const char of a) if (b.has(char)) return true;
  return false;
}

/** Reads what of JavaScript's syntax patterns of platforms use; throws for the rest. */
class Parser {
  readonly #source: string;
  readonly #flags: string;
  readonly #asides: Way[] = [];
  #at = 0;

  constructor(source: string, flags: string) {
    this.#source = source;
    this.#flags = flags;
  }

  parse(): Way[] {
    const ways = this.#choice();
    if (this.#at < this.#source.length) throw new Error(`not understood: ${this.#source.slice(this.#at)}`);
    return [...ways, ...this.#asides];
  }

  #choice(): Way[] {
    const ways = this.#sequence();
    while (this.#take("|")) ways.push(...this.#sequence());
    return ways;
  }

  #sequence(): Way[] {
    let ways: Way[] = [{ anchored: false, atoms: [] }];
    while (this.#at < this.#source.length && !/[|)]/.test(this.#peek())) {
      const next = this.#term();
      ways = ways.flatMap((head) => next.map((tail) => join(head, tail)));
      if (ways.length > MAX_WAYS) throw new Error(`too many ways through ${this.#source}`);
    }
    return ways;
  }

  #term(): Way[] {
    if (this.#take("^")) return [{ anchored: true, atoms: [] }];
    if (this.#take("$") || this.#take("\\b") || this.#take("\\B")) return [{ anchored: false, atoms: [] }];
    if (this.#peek() === "(") return this.#group();
    const set = this.#class();
    const { min, max } = this.#repeat();
    return [{ anchored: false, atoms: [{ set, min, max }] }];
  }

  #group(): Way[] {
    const [opening = "("] = /^\((?:\?(?:<\w+>|<?[=!]|:))?/.exec(this.#source.slice(this.#at)) ?? [];
    this.#at += opening.length;
    const ways = this.#choice();
    if (!this.#take(")")) throw new Error(`a group is not closed in ${this.#source}`);
    const { min, max } = this.#repeat();
    if (/[=!]$/.test(opening)) {
      this.#asides.push(...ways);
      return [{ anchored: false, atoms: [] }];
    }
    if (max > 1 && !(min === max && ways.length === 1)) assertPlain(ways);
    const once = max > 1 ? ways.map((way) => repeated(way, max)) : ways;
    return min === 0 ? [{ anchored: false, atoms: [] }, ...once] : once;
  }

  #class(): ReadonlySet<string> {
    const [text = ""] =
      /^(?:\[(?:\\.|[^\]\\])*\]|\\[1-9]|\\x[\da-f]{2}|\\.|.)/is.exec(this.#source.slice(this.#at)) ?? [];
    if (/^\\[1-9k]/.test(text)) throw new Unbounded();
    this.#at += text.length;
    const one = new RegExp(`^${text}$`, this.#flags.replace("m", ""));
    return new Set(ALPHABET.filter((char) => one.test(char)));
  }

  #repeat(): { min: number; max: number } {
    const [text, from, comma, to] = /^(?:\{(\d+)(,?)(\d*)\}|[*+?])/.exec(this.#source.slice(this.#at)) ?? [];
    if (text === undefined) return { min: 1, max: 1 };
    this.#at += text.length;
    this.#take("?");
    if (text === "?") return { min: 0, max: 1 };
    if (from === undefined) return { min: text === "*" ? 0 : 1, max: Number.POSITIVE_INFINITY };
    const open = comma === "," && to === "";
    return { min: Number(from), max: open ? Number.POSITIVE_INFINITY : Number(to || from) };
  }

  #peek(): string {
    return this.#source[this.#at] ?? "";
  }

  #take(text: string): boolean {
    if (!this.#source.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }
}

function join(head: Way, tail: Way): Way {
  const anchored = head.anchored || (tail.anchored && head.atoms.every(({ max }) => max === 0));
  return { anchored, atoms: [...head.atoms, ...tail.atoms] };
}

/** What is repeated must be matched in one way only. */
function assertPlain(ways: readonly Way[]): void {
  const fixed = ways.every(({ atoms }) => atoms.every(({ min, max }) => min === max));
  if (ways.length > 1 || !fixed) throw new Unbounded();
}

function repeated({ anchored, atoms }: Way, max: number): Way {
  return { anchored, atoms: atoms.map((atom) => ({ ...atom, min: 0, max: Math.min(LINE, max * atom.max) })) };
}
