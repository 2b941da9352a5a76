import { TemplateError } from "../../../core/errors.ts";
import { isSpace, textLines, trim, trimEnd } from "../../lines.ts";
import type { Bound } from "../functions.ts";
import type { Meter } from "../scope.ts";
import type { Value } from "../values.ts";

/** Methods of Python's `str` that a template may call on a match. */
export interface TextMethod {
  params: string;
  run(value: string, args: Bound, meter: Meter): Value;
}

export const TEXT_METHODS: Readonly<Record<string, TextMethod>> = {
  upper: { params: "", run: (value) => value.toUpperCase() },
  lower: { params: "", run: (value) => value.toLowerCase() },
  capitalize: { params: "", run: (value) => capitalized(value) },
  title: { params: "", run: (value) => value.replace(/\p{L}+/gu, capitalized) },
  swapcase: {
    params: "",
    run: (value) =>
      value.replace(/\p{L}/gu, (char) =>
        char === char.toUpperCase() ? char.toLowerCase() : char.toUpperCase(),
      ),
  },
  strip: { params: "chars?", run: (value, args) => stripped(value, args.field("chars"), "both") },
  lstrip: { params: "chars?", run: (value, args) => stripped(value, args.field("chars"), "left") },
  rstrip: { params: "chars?", run: (value, args) => stripped(value, args.field("chars"), "right") },
  split: {
    params: "sep? maxsplit?",
    run: (value, args) => split(value, args.field("sep"), args.integer("maxsplit", -1)),
  },
  rsplit: {
    params: "sep? maxsplit?",
    run: (value, args) =>
      split(reversed(value), reversedOrNull(args.field("sep")), args.integer("maxsplit", -1))
        .map(reversed)
        .reverse(),
  },
  splitlines: { params: "", run: (value) => [...textLines(value)] },
  replace: {
    params: "old new count?",
    run: (value, args, meter) =>
      replaced(value, args.text("old"), args.text("new"), meter, args.integer("count", -1)),
  },
  removeprefix: {
    params: "prefix",
    run: (value, args) =>
      value.startsWith(args.text("prefix")) ? value.slice(args.text("prefix").length) : value,
  },
  removesuffix: {
    params: "suffix",
    run: (value, args) =>
      value.endsWith(args.text("suffix")) ? value.slice(0, value.length - args.text("suffix").length) : value,
  },
  startswith: { params: "prefix", run: (value, args) => value.startsWith(args.text("prefix")) },
  endswith: { params: "suffix", run: (value, args) => value.endsWith(args.text("suffix")) },
  isalpha: { params: "", run: (value) => /^\p{L}+$/u.test(value) },
  isalnum: { params: "", run: (value) => /^[\p{L}\p{N}]+$/u.test(value) },
  isspace: { params: "", run: (value) => value !== "" && Array.from(value).every(isSpace) },
  isupper: { params: "", run: (value) => value !== value.toLowerCase() && value === value.toUpperCase() },
  islower: { params: "", run: (value) => value !== value.toUpperCase() && value === value.toLowerCase() },
  isdecimal: { params: "", run: (value) => /^\p{Nd}+$/u.test(value) },
  isnumeric: { params: "", run: (value) => /^\p{N}+$/u.test(value) },
};

function capitalized(value: string): string {
  const [first = "", ...rest] = value;
  return first.toUpperCase() + rest.join("").toLowerCase();
}

function stripped(value: string, chars: string | null, side: "left" | "right" | "both"): string {
  if (chars === null) {
    if (side === "both") return trim(value);
    return side === "right" ? trimEnd(value) : reversed(trimEnd(reversed(value)));
  }
  const units = Array.from(value);
  const wanted = new Set(chars);
  let from = 0;
  let to = units.length;
  while (side !== "right" && from < to && wanted.has(units[from] ?? "")) from++;
  while (side !== "left" && to > from && wanted.has(units[to - 1] ?? "")) to--;
  return units.slice(from, to).join("");
}

function reversed(value: string): string {
  return Array.from(value).reverse().join("");
}

function reversedOrNull(value: string | null): string | null {
  return value === null ? null : reversed(value);
}

/** Without a separator at runs of blanks, none of which makes an empty part. */
function split(value: string, separator: string | null, most: number): string[] {
  if (separator === "") throw new TemplateError("its sep is not empty");
  const parts: string[] = [];
  let rest = separator === null ? trimStart(value) : value;
  while (most < 0 || parts.length < most) {
    const at = separator === null ? indexOfSpace(rest) : rest.indexOf(separator);
    if (at < 0) break;
    parts.push(rest.slice(0, at));
    rest = separator === null ? trimStart(rest.slice(at)) : rest.slice(at + separator.length);
  }
  if (separator === null) rest = most >= 0 && parts.length === most ? rest : trimEnd(rest);
  return separator === null && rest === "" ? parts : [...parts, rest];
}

function indexOfSpace(value: string): number {
  for (let at = 0; at < value.length; at++) if (isSpace(value.charAt(at))) return at;
  return -1;
}

function trimStart(value: string): string {
  let from = 0;
  while (from < value.length && isSpace(value.charAt(from))) from++;
  return value.slice(from);
}

/** Python's `str.replace`. Counts before it makes: a short text could become gigabytes. */
export function replaced(value: string, old: string, by: string, meter: Meter, count = -1): string {
  const places = old === "" ? Array.from(value).length + 1 : value.split(old).length - 1;
  const times = count < 0 ? places : Math.min(places, count);
  meter.checkLength(value.length + times * (by.length - old.length));
  if (count < 0 && old !== "") return value.replaceAll(old, () => by);
  return old === "" ? interleaved(value, by, times) : replacedTimes(value, old, by, times);
}

function replacedTimes(value: string, old: string, by: string, times: number): string {
  const parts = value.split(old);
  const done = parts.slice(0, times + 1).join(by);
  return [done, ...parts.slice(times + 1)].join(old);
}

function interleaved(value: string, by: string, times: number): string {
  const chars = Array.from(value);
  return chars.map((char, at) => (at < times ? by : "") + char).join("") + (times > chars.length ? by : "");
}
