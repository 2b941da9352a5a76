import { type Fold, lower, variants } from "./case.ts";

export type Category = "digit" | "space" | "word";

/** What a set is written as: characters from one to another, or a category or all that is not in it. */
export type SetItem =
  | { kind: "range"; from: number; to: number }
  | { kind: "category"; category: Category; negated: boolean; ascii: boolean };

/** Characters, as `[…]`, `\d`, `.` or a single one stand for them. Asked for each character of a line. */
export class CharSet {
  /** 1 for each ASCII character that is in it. */
  readonly ascii = new Uint8Array(128);
  readonly #items: readonly SetItem[];
  readonly #negated: boolean;
  readonly #fold: Fold | null;

  constructor(params: { items: readonly SetItem[]; negated?: boolean; fold?: Fold | null }) {
    this.#items = params.items;
    this.#negated = params.negated ?? false;
    this.#fold = params.fold ?? null;
    for (const item of this.#items) this.#fill(item);
    if (this.#negated) for (let code = 0; code < 128; code++) this.ascii[code] = 1 - (this.ascii[code] ?? 0);
  }

  #fill(item: SetItem): void {
    if (item.kind === "range" && this.#fold === null) this.ascii.fill(1, item.from, item.to + 1);
    else for (let code = 0; code < 128; code++) if (this.#holds(item, code)) this.ascii[code] = 1;
  }

  has(code: number): boolean {
    return code < 128 ? this.ascii[code] === 1 : this.#test(code);
  }

  #test(code: number): boolean {
    return this.#items.some((item) => this.#holds(item, code)) !== this.#negated;
  }

  #holds(item: SetItem, code: number): boolean {
    const fold = this.#fold;
    if (item.kind === "category") {
      return inCategory(fold === null ? code : lower(code, fold), item) !== item.negated;
    }
    if (fold === null) return within(item, code);
    return variants(code, fold).some((variant) => within(item, variant));
  }
}

function within({ from, to }: { from: number; to: number }, code: number): boolean {
  return code >= from && code <= to;
}

/** A set of one character. Those of ASCII are made once: patterns consist of them. */
export function charOf(code: number, fold: Fold | null): CharSet {
  if (code > 127) return singleton(code, fold);
  const made = SINGLETONS[fold ?? "exact"];
  made[code] ??= singleton(code, fold);
  return made[code];
}

const SINGLETONS: Record<Fold | "exact", CharSet[]> = { exact: [], ascii: [], unicode: [] };

function singleton(code: number, fold: Fold | null): CharSet {
  return new CharSet({ items: [{ kind: "range", from: code, to: code }], fold });
}

/** A letter, digit or underscore, as `\b` asks. */
export function isWord(code: number, ascii: boolean): boolean {
  return inCategory(code, { category: "word", ascii });
}

/** Beyond ASCII, what Python's `str.isdecimal`, `isspace` and `isalnum` say. */
const BEYOND: Readonly<Record<Category, RegExp>> = {
  digit: /^\p{Nd}$/u,
  space: /^[\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/u,
  word: /^[\p{L}\p{N}]$/u,
};

function inCategory(code: number, { category, ascii }: { category: Category; ascii: boolean }): boolean {
  if (code > 127) return !ascii && BEYOND[category].test(String.fromCodePoint(code));
  switch (category) {
    case "digit":
      return isDigit(code);
    case "space":
      return code === 32 || (code >= 9 && code <= 13) || (!ascii && code >= 28 && code <= 31);
    case "word":
      return isDigit(code) || isLetter(code) || code === 95;
  }
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isLetter(code: number): boolean {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
}
