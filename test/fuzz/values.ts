import type { Random } from "../support/faults/random.ts";
import type { Contract, Json } from "../support/openapi.ts";

/** Stands in every secret that is sent, and in no answer and no log line. */
export const SECRET = "hunter2secret";
/** Stands in every text that is sent where it does not belong: a refusal must not repeat it. */
export const STRAY = "zebrastray";

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/** Texts that have broken programs before. */
export const NASTY_TEXTS: readonly string[] = [
  "",
  " ",
  "\u0000",
  "\r\nX-Evil: 1",
  "\u202e\u200b\ufeff",
  "💥\ud83d",
  "İıſK",
  "a\u0301".repeat(50),
  "%00%ff%c0%ae",
  "../../etc/passwd",
  "'; DROP TABLE jobs; --",
  "{{7*7}}<%= 7 %>$(id)`id`",
  "<script>alert(1)</script>",
  "__proto__",
  "constructor",
  "toString",
  "null",
  "NaN",
  "-0",
  "1e309",
  "0x10",
  "9007199254740993",
  "127.0.0.1:99999",
  "[::1]%eth0",
  "*",
  "x".repeat(5000),
];

export const NASTY_NUMBERS: readonly number[] = [
  -1,
  -0,
  0.1,
  1e-320,
  1e308,
  -1e308,
  2 ** 31,
  2 ** 53 + 2,
  Number.MAX_SAFE_INTEGER,
  1000.5,
];

export const NASTY_KEYS: readonly string[] = [
  "__proto__",
  "constructor",
  "prototype",
  "hasOwnProperty",
  "toJSON",
  "then",
  "",
  "\u0000",
  "$ref",
  "length",
  "0",
];

/** Values by what a parameter or field is called, among them things that are there now. */
export type Pool = (name: string) => readonly unknown[];

/** Draws values: as a schema of the document says, and as none does. */
export class Values {
  readonly #dice: Random;
  readonly #contract: Contract;
  readonly #pool: Pool;

  constructor(dice: Random, contract: Contract, pool: Pool) {
    this.#dice = dice;
    this.#contract = contract;
    this.#pool = pool;
  }

  /** A value that fits the schema, as far as schemas tell. */
  valid(given: Json, name = ""): Json {
    const schema = this.#contract.resolve(given);
    if (schema.format === "password") return `${SECRET}${this.#dice.whole(0, 1000)}`;
    const known = this.#pool(name);
    if (known.length > 0 && this.#dice.chance(0.9)) return this.#dice.pick(known);
    const branches = schema.anyOf ?? schema.allOf ?? schema.oneOf;
    if (branches) return this.valid(this.#dice.pick(branches as Json[]), name);
    if (schema.enum) return this.#dice.pick(schema.enum as Json[]);
    return this.#ofType(schema, name);
  }

  /** Anything that JSON can hold. */
  nasty(depth = 0): Json {
    const kind = this.#dice.whole(0, depth > 2 ? 6 : 9);
    if (kind <= 1) return `${STRAY}${this.#dice.pick(NASTY_TEXTS)}`;
    if (kind === 2) return this.#dice.pick(NASTY_NUMBERS);
    if (kind === 3) return this.#dice.pick([null, true, false]);
    if (kind === 4) return this.text(1, 40, STRAY);
    if (kind === 5) return this.#dice.pick([[], {}]);
    if (kind === 6) return Array.from({ length: this.#dice.whole(1, 5) }, () => this.nasty(depth + 1));
    if (kind === 7) return JSON.parse(`${"[".repeat(40)}${"]".repeat(40)}`);
    return own(
      Array.from({ length: this.#dice.whole(1, 4) }, () => [
        this.#dice.pick(NASTY_KEYS),
        this.nasty(depth + 1),
      ]),
    );
  }

  text(least: number, most: number, begin = ""): string {
    const length = this.#dice.whole(Math.max(0, least), Math.max(1, most + 1));
    let text = begin;
    while (text.length < length) text += LETTERS[this.#dice.whole(0, LETTERS.length)];
    return text;
  }

  #ofType(schema: Json, name: string): Json {
    switch (schema.type) {
      case "boolean":
        return this.#dice.chance(0.5);
      case "integer":
        return Math.round(this.#number(schema));
      case "number":
        return this.#number(schema);
      case "array":
        return Array.from(
          { length: this.#dice.whole(schema.minItems ?? 0, (schema.minItems ?? 0) + 3) },
          () => this.valid(schema.items ?? {}, name),
        );
      case "object":
        return this.#object(schema);
      default:
        return this.text(schema.minLength ?? 0, Math.min(schema.maxLength ?? 20, 20));
    }
  }

  #number({ minimum = 0, maximum = 1000, exclusiveMinimum }: Json): number {
    const ends = [minimum + (exclusiveMinimum ? 0.001 : 0), maximum];
    return this.#dice.chance(0.2)
      ? this.#dice.pick(ends)
      : this.#dice.whole(Math.ceil(ends[0]), Math.min(maximum, 1000));
  }

  #object({ properties = {}, required = [] }: Json): Json {
    const names = Object.keys(properties).filter(
      (name) => required.includes(name) || this.#dice.chance(0.15),
    );
    return own(names.map((name) => [name, this.valid(properties[name], name)]));
  }
}

function own(entries: [string, unknown][]): Json {
  const object = {};
  for (const [name, value] of entries) put(object, name, value);
  return object;
}

/** As a property like any other, also when it is called `__proto__`. */
export function put(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}
