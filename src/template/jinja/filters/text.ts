import { TemplateError } from "../../../core/errors.ts";
import { type Filters, integer, isTrue, list, text, type Value } from "../value.ts";
import { bounded, padding } from "./bounds.ts";
import { percentFormat } from "./percent-format.ts";

const onText = (run: (value: string) => Value) => ({ run: (value: Value) => run(text(value)) });

/**
 * Filters of Jinja2 for texts. The engine has some of these as well; those take what is undefined for an empty text,
 * even where undefined values are refused, and a line of configuration would be sent without its end.
 */
export const TEXT_FILTERS: Filters = {
  upper: onText((value) => value.toUpperCase()),
  lower: onText((value) => value.toLowerCase()),
  capitalize: onText((value) => value.charAt(0).toUpperCase() + value.slice(1).toLowerCase()),
  title: onText((value) =>
    value.replace(/[^-\s({[<]+/g, (word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase()),
  ),
  string: onText((value) => value),
  safe: onText((value) => value),
  escape: onText(escaped),
  e: onText(escaped),
  forceescape: onText(escaped),
  striptags: onText((value) =>
    value
      .replace(/<!--[\s\S]*?-->|<[^>]*>/g, "")
      .split(/\s+/)
      .filter((word) => word !== "")
      .join(" "),
  ),
  wordcount: onText((value) => value.match(/[\p{L}\p{N}_]+/gu)?.length ?? 0),
  splitlines: onText((value) => {
    const lines = value.split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/);
    return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
  }),
  urlencode: {
    run: (value) => (typeof value === "object" ? pairs(value) : quoted(text(value), "/")),
  },
  trim: {
    params: ["chars"],
    run: (value, { chars }) =>
      chars === undefined ? text(value).trim() : stripped(text(value), text(chars)),
  },
  replace: {
    params: ["old", "new", "count"],
    run: (value, args) => replaced(text(value), args),
  },
  join: {
    params: ["d", "attribute"],
    run: (value, { d = "", attribute }) =>
      bounded(
        list(value)
          .map((item) => text(attribute === undefined ? item : at(item, text(attribute)), "an item"))
          .join(text(d)),
      ),
  },
  center: {
    params: ["width"],
    run: (value, { width = 80 }) => {
      const all = text(value);
      const room = padding(integer(width, "width") - all.length);
      // As Python: the odd blank goes to the left where the width is odd.
      const left = Math.floor(room / 2) + (room & integer(width, "width") & 1);
      return " ".repeat(left) + all + " ".repeat(room - left);
    },
  },
  truncate: {
    params: ["length", "killwords", "end", "leeway"],
    run: (value, { length = 255, killwords, end = "...", leeway = 5 }) => {
      const all = text(value);
      const most = integer(length, "length");
      const dots = text(end);
      if (most < dots.length) throw new TemplateError(`length must be ${dots.length} or more`);
      if (all.length <= most + integer(leeway, "leeway")) return all;
      const cut = all.slice(0, most - dots.length);
      return (
        (isTrue(killwords) ? cut : cut.slice(0, cut.includes(" ") ? cut.lastIndexOf(" ") : undefined)) + dots
      );
    },
  },
  int: {
    params: ["default", "base"],
    run: (value, { default: otherwise = 0, base = 10 }) => whole(value, integer(base, "base")) ?? otherwise,
  },
  format: { variadic: true, run: (value, args) => bounded(percentFormat(text(value), args)) },
};

function escaped(value: string): string {
  return value
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("'", "&#39;")
    .replaceAll('"', "&#34;");
}

function replaced(value: string, { old, new: by, count }: Readonly<Record<string, Value>>): string {
  const [from, to] = [text(old, "old"), text(by, "new")];
  const most = count === undefined ? -1 : integer(count, "count");
  const parts = from === "" ? ["", ...value, ""] : value.split(from);
  const times = most < 0 ? parts.length - 1 : Math.min(most, parts.length - 1);
  bounded(value, times * to.length);
  return parts.reduce((made, part, place) => made + (place <= times ? to : from) + part);
}

/** `a.b.0` of an item, as `attribute` names it. */
export function at(item: Value, path: string): Value {
  return path.split(".").reduce<Value>((inner, name) => {
    if (Array.isArray(inner)) return inner[Number(name)];
    return typeof inner === "object" && Object.hasOwn(inner, name) ? inner[name] : undefined;
  }, item);
}

function stripped(value: string, chars: string): string {
  const unwanted = new Set(chars);
  let [from, to] = [0, value.length];
  while (from < to && unwanted.has(value.charAt(from))) from++;
  while (to > from && unwanted.has(value.charAt(to - 1))) to--;
  return value.slice(from, to);
}

function quoted(value: string, safe: string): string {
  const made = encodeURIComponent(value.toWellFormed()).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return safe === "/" ? made.replaceAll("%2F", "/") : made;
}

function pairs(value: Value[] | { [name: string]: Value }): string {
  const entries = Array.isArray(value) ? value.map((pair) => list(pair, "a pair")) : Object.entries(value);
  const quote = (part: Value) => quoted(text(part), "").replaceAll("%20", "+");
  return entries.map(([name, inner]) => `${quote(name)}=${quote(inner)}`).join("&");
}

/** Python's `int(text, base)`; null where it is none. */
function whole(value: Value, base: number): number | null {
  if (typeof value === "number") return Math.trunc(value);
  if (typeof value === "boolean") return Number(value);
  if (typeof value !== "string") throw new TemplateError("int takes a text or a number");
  const [, sign = "", prefix = "", digits = ""] =
    /^\s*([+-]?)(0[xXoObB])?([0-9a-zA-Z_]+)\s*$/.exec(value) ?? [];
  const meant = { "0x": 16, "0o": 8, "0b": 2 }[prefix.toLowerCase()] ?? base;
  if (prefix !== "" && meant !== base) return null;
  if (/^_|__|_$/.test(digits) || digits === "") return base === 10 ? fraction(value) : null;
  const valid = [...digits.replaceAll("_", "")].every((digit) => Number.parseInt(digit, 36) < base);
  if (!valid) return base === 10 ? fraction(value) : null;
  const number = Number.parseInt(digits.replaceAll("_", ""), base);
  return sign === "-" ? -number : number;
}

/** Jinja2 also takes the whole part of a decimal fraction. */
function fraction(value: string): number | null {
  return /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/.test(value) ? Math.trunc(Number(value)) : null;
}
