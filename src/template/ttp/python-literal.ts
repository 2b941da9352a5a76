import { TemplateError } from "../../core/errors.ts";
import { readPythonString } from "./python-string.ts";
import { type Dict, str, type Value } from "./values.ts";

const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy;
const BLANK = /(?:[ \t\r\n\f]|#[^\n]*|\\\n)*/y;
const BLANK_IN_LINE = /(?:[ \t\r\f]|\\\n)*(?:#[^\n]*)?/y;
const DIGITS = "\\d(?:_?\\d)*";
const NUMBER = new RegExp(
  `(?:0[xX](?:_?[\\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:${DIGITS})?\\.${DIGITS}(?:[eE][+-]?${DIGITS})?` +
    `|${DIGITS}(?:\\.(?:[eE][+-]?${DIGITS})?|[eE][+-]?${DIGITS})|0(?:_?0)*|[1-9](?:_?\\d)*)(?![\\p{L}\\p{N}_.])`,
  "uy",
);
const WORDS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ["True", true],
  ["False", false],
  ["None", null],
]);
const MAX_NESTING = 30;

/** What a call hands over. */
export interface Arguments {
  args: Value[];
  kwargs: Dict;
}

/** Variables as Python assigns them, `name = literal`, or one dictionary. No code: literals only. */
export function readAssignments(text: string, line: number): Dict {
  return new PythonReader(text, line, false).assignments();
}

/** The arguments of a call, as between its parentheses. A word without quotes is a text, as TTP takes it. */
export function readArguments(text: string, line: number): Arguments {
  return new PythonReader(text, line, true).arguments();
}

class PythonReader {
  readonly #text: string;
  readonly #line: number;
  /** Words without quotes are texts. */
  readonly #words: boolean;
  #at = 0;
  #nesting = 0;
  /** Whether the list read last ends with a comma. */
  #comma = false;

  constructor(text: string, line: number, words: boolean) {
    this.#text = text;
    this.#line = line;
    this.#words = words;
  }

  assignments(): Dict {
    const variables: Dict = new Map();
    this.#take(BLANK);
    if (this.#next === "{") return this.#wholeDict();
    while (this.#next !== "") {
      const name = this.#take(NAME);
      this.#take(BLANK_IN_LINE);
      if (name === "" || !this.#accept("=")) this.#fail("expected name = value");
      this.#take(BLANK_IN_LINE);
      variables.set(name, this.#value());
      this.#take(BLANK_IN_LINE);
      if (this.#next !== "" && this.#next !== "\n") this.#fail("expected the end of the line after a value");
      this.#take(BLANK);
    }
    return variables;
  }

  #wholeDict(): Dict {
    const value = this.#value();
    this.#take(BLANK);
    if (this.#next !== "" || !(value instanceof Map)) this.#fail("expected one dictionary, or assignments");
    return value;
  }

  arguments(): Arguments {
    const read: Arguments = { args: [], kwargs: new Map() };
    this.#take(BLANK);
    while (this.#next !== "") {
      this.#argument(read);
      this.#take(BLANK);
      if (this.#next !== "" && !this.#accept(",")) this.#fail("expected a comma between arguments");
      this.#take(BLANK);
    }
    return read;
  }

  #argument({ args, kwargs }: Arguments): void {
    const from = this.#at;
    const name = this.#take(NAME);
    this.#take(BLANK);
    if (name !== "" && this.#accept("=")) {
      this.#take(BLANK);
      if (kwargs.has(name)) this.#fail(`the argument ${name} is given twice`);
      kwargs.set(name, this.#value());
      return;
    }
    this.#at = from;
    if (kwargs.size > 0) this.#fail("an argument without a name stands behind one with a name");
    args.push(this.#value());
  }

  #value(): Value {
    if (++this.#nesting > MAX_NESTING) this.#fail(`values are nested more than ${MAX_NESTING} deep`);
    const value = this.#inner();
    this.#nesting--;
    return value;
  }

  #inner(): Value {
    if (this.#accept("[")) return this.#list("]");
    if (this.#accept("(")) return this.#parenthesis();
    if (this.#accept("{")) return this.#dict();
    const text = this.#string();
    if (text !== null) return text;
    const sign = /[+-]/.test(this.#next) ? this.#text.charAt(this.#at++) : "";
    const number = this.#take(NUMBER);
    if (number !== "") return this.#number(number, sign === "-" ? -1 : 1);
    const word = this.#take(NAME);
    if (sign !== "" || word === "") this.#fail("expected a literal: a text, number, list or dictionary");
    return this.#word(word);
  }

  /** Texts side by side are one. */
  #string(): string | null {
    let whole: string | null = null;
    for (let part = this.#part(); part !== null; part = this.#part()) {
      whole = (whole ?? "") + part;
      const end = this.#at;
      this.#take(this.#nesting > 1 ? BLANK : BLANK_IN_LINE);
      if (readPythonString(this.#text, this.#at) === null) this.#at = end;
    }
    return whole;
  }

  #part(): string | null {
    const read = readPythonString(this.#text, this.#at);
    if (read === null) return null;
    this.#at = read.end;
    return read.value;
  }

  #number(text: string, sign: number): number {
    const number = Number(text.replaceAll("_", ""));
    if (Number.isNaN(number) || (Number.isInteger(number) && !Number.isSafeInteger(number))) {
      this.#fail("the number is not valid, or too large");
    }
    return sign * number;
  }

  #word(word: string): Value {
    const known = WORDS.get(word) ?? (this.#words ? WORDS.get(capitalized(word)) : undefined);
    if (known !== undefined || word === "None") return known ?? null;
    if (this.#words && capitalized(word) === "None") return null;
    if (!this.#words) this.#fail(`${word} is no literal; values are texts, numbers, lists and dictionaries`);
    return word;
  }

  #list(end: string): Value[] {
    const items: Value[] = [];
    this.#take(BLANK);
    while (!this.#accept(end)) {
      items.push(this.#value());
      this.#take(BLANK);
      this.#comma = this.#accept(",");
      if (!this.#comma && this.#next !== end) this.#fail(`expected a comma or ${end}`);
      this.#take(BLANK);
    }
    return items;
  }

  /** A tuple, which is a list here, or a value in parentheses. */
  #parenthesis(): Value {
    const items = this.#list(")");
    const [only] = items;
    const isTuple = items.length !== 1 || this.#comma;
    return isTuple || only === undefined ? items : only;
  }

  #dict(): Dict {
    const dict: Dict = new Map();
    this.#take(BLANK);
    while (!this.#accept("}")) {
      const key = this.#value();
      if (Array.isArray(key) || key instanceof Map) this.#fail("a key is a text or a number");
      this.#take(BLANK);
      if (!this.#accept(":")) this.#fail("expected a colon behind a key");
      this.#take(BLANK);
      dict.set(str(key), this.#value());
      this.#take(BLANK);
      if (!this.#accept(",") && this.#next !== "}") this.#fail("expected a comma or }");
      this.#take(BLANK);
    }
    return dict;
  }

  get #next(): string {
    return this.#text.charAt(this.#at);
  }

  #accept(char: string): boolean {
    if (this.#next !== char) return false;
    this.#at++;
    return true;
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }

  #fail(reason: string): never {
    const line = this.#line + this.#text.slice(0, this.#at).split("\n").length - 1;
    throw new TemplateError(reason, { line });
  }
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();
}
