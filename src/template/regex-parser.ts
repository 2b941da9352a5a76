import { TemplateError } from "../core/errors.ts";
import type { Found, PythonRegex } from "../python-regex/regex.ts";
import { Subject } from "../python-regex/subject.ts";
import { compileRegex, withinBudget } from "./compile-regex.ts";
import type { TemplateFolder } from "./folder.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";
import type { ParseRequest, Parser } from "./parser.ts";
import { withSource } from "./source.ts";

/** The named groups of a match; null for one that took no part. */
export type RegexRecord = { [name: string]: string | null };

export interface RegexParserOptions {
  /** Null: regexes come inline only. */
  folder: TemplateFolder | null;
  limits?: Partial<Limits>;
}

export interface RegexMatching {
  /** A record for each match, or for the first alone. */
  match?: "all" | "first";
  /** `^` and `$` match at each line, as those who write for a device's output expect; the default. */
  multiline?: boolean;
}

/** The parser `regex`: the template is one regex of Python's `re` with named groups. */
export class RegexParser implements Parser {
  readonly name = "regex";
  readonly #folder: TemplateFolder | null;
  readonly #limits: Limits;

  constructor({ folder, limits }: RegexParserOptions) {
    this.#folder = folder;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  parse({ template, text }: ParseRequest, matching: RegexMatching = {}): RegexRecord[] {
    if (text.length > this.#limits.text) {
      throw new TemplateError(`the text is longer than ${this.#limits.text} characters`);
    }
    return withSource(this.#folder, template, this.#limits.template, (pattern) =>
      this.#records(compile(pattern, matching.multiline ?? true), text, matching.match ?? "all"),
    );
  }

  #records(regex: PythonRegex, text: string, which: "all" | "first"): RegexRecord[] {
    const records: RegexRecord[] = [];
    let size = 0;
    withinBudget(null, null, () => {
      for (const found of regex.findAll(new Subject(text), { steps: this.#limits.steps })) {
        size += sizeOf(found);
        this.#check(records.length + 1, size);
        records.push(Object.fromEntries(found.named));
        if (which === "first") return;
      }
    });
    return records;
  }

  #check(records: number, size: number): void {
    if (records > this.#limits.records) {
      throw new TemplateError(`the text makes more than ${this.#limits.records} records`);
    }
    if (size > this.#limits.result) {
      throw new TemplateError(`the records hold more than ${this.#limits.result} characters`);
    }
  }
}

/** The line end that an editor leaves at the end of a file is no part of a regex. */
function compile(pattern: string, multiline: boolean): PythonRegex {
  const regex = compileRegex(pattern.replace(/\r?\n$/, ""), null, { flags: { multiline } });
  if (regex.names.length === 0) {
    throw new TemplateError("the regex has no named groups; a record is made of them: (?P<name>…)");
  }
  return regex;
}

/** Something even where nothing was matched: a field takes room by itself. */
function sizeOf({ named }: Found): number {
  return named.reduce((sum, [name, text]) => sum + 1 + name.length + (text?.length ?? 0), 0);
}
