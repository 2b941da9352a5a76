import { TemplateError } from "../../../core/errors.ts";
import { RegexSyntaxError } from "../../../python-regex/errors.ts";
import { Subject } from "../../../python-regex/subject.ts";
import { substitute } from "../../../python-regex/substitute.ts";
import { compileRegex } from "../../compile-regex.ts";
import { format } from "../format.ts";
import type { Meter, Scope } from "../scope.ts";
import { isDict, type Value } from "../values.ts";
import { type MatchFunctions, type Outcome, text, workOn } from "./outcome.ts";
import { replaced } from "./python.ts";
import { unrange } from "./unrange.ts";
import { uptime } from "./uptime.ts";

/** Functions that make another text, or list, of a match. */
export const TEXTS: MatchFunctions = {
  append: {
    params: "string",
    run: (value, args, scope) => added(value, args.text("string"), scope, "behind"),
  },
  prepend: {
    params: "string",
    run: (value, args, scope) => added(value, args.text("string"), scope, "before"),
  },
  join: {
    params: "char",
    run: (value, args, { meter }) => {
      if (!Array.isArray(value)) return { value };
      const parts = value.map(text);
      const char = args.text("char");
      meter.checkLength(parts.reduce((sum, part) => sum + part.length + char.length, 0));
      return { value: parts.join(char) };
    },
  },
  truncate: {
    params: "count",
    run: (value, args) => {
      const words = text(value).split(" ");
      return { value: words.slice(0, Math.max(0, args.integer("count"))).join(" ") };
    },
  },
  replaceall: {
    params: "values*",
    run: (value, args, scope) => ({
      value: replacements(args.texts, value, scope).reduce(
        (made, [old, by]) => replaced(made, old, by, scope.meter),
        text(value),
      ),
    }),
  },
  resub: {
    params: "old new count?",
    check: (args, vars) => {
      if (!vars.has(args.text("old"))) compileRegex(args.text("old"), null);
    },
    run: (value, args, scope) => {
      const known = scope.vars.get(args.text("old"));
      const old = known === undefined ? args.text("old") : literally(text(known));
      return { value: resub(text(value), old, args.text("new"), args.integer("count", 1), scope.meter) };
    },
  },
  resuball: {
    params: "values*",
    run: (value, args, scope) => ({
      value: replacements(args.texts, value, scope, literally).reduce(
        (made, [old, by]) => resub(made, old, by, 0, scope.meter),
        text(value),
      ),
    }),
  },
  sformat: {
    params: "string",
    fromVars: true,
    run: (value, args, { meter }) => {
      const made = format(
        args.text("string"),
        (name) => (name === "0" || name === "" ? value : undefined),
        meter,
      );
      if (made === null) throw new TemplateError("the text has a field other than {}");
      return { value: made };
    },
  },
  mac_eui: { params: "", run: (value) => ({ value: macOf(text(value)) }) },
  unrange: {
    params: "rangechar joinchar",
    run: (value, args) => ({ value: unrange(text(value), args.text("rangechar"), args.text("joinchar")) }),
  },
  uptimeparse: {
    params: "format?",
    run: (value, args) => ({ value: uptime(text(value), args.text("format", "seconds")) }),
  },
  item: {
    params: "item_index",
    run: (value, args) => {
      const items = Array.isArray(value) ? value : Array.from(text(value));
      const at = args.integer("item_index");
      const index = Math.min(Math.max(at < 0 ? items.length + at : at, 0), items.length - 1);
      return { value: items[index] ?? value };
    },
  },
};

function added(value: Value, name: string, { vars, meter }: Scope, where: "before" | "behind"): Outcome {
  const addition = vars.get(name) ?? name;
  if (Array.isArray(value))
    return { value: where === "before" ? [addition, ...value] : [...value, addition] };
  const [own, more] = [text(value), text(addition)];
  meter.checkLength(own.length + more.length);
  return { value: where === "before" ? more + own : own + more };
}

/**
 * What is replaced by what. The first of several texts takes the place of the others; one that names a
 * variable stands for the texts in it, and a dictionary has what to replace under what takes its place.
 */
function replacements(
  texts: readonly string[],
  value: Value,
  { vars, meter }: Scope,
  plain: (value: string) => string = (value) => value,
): [old: string, by: string][] {
  const [by = "", olds] = texts.length > 1 ? [texts[0], texts.slice(1)] : ["", texts];
  const pairs = olds.flatMap((name): [string, string][] => {
    const known = vars.get(name);
    if (known === undefined) return [[name, by]];
    if (isDict(known))
      return [...known].flatMap(([key, old]) => listed(old).map((each) => [each, key] as [string, string]));
    return typeof known === "string" ? [[plain(known), by]] : listed(known).map((each) => [each, by]);
  });
  meter.work(pairs.length * workOn(value));
  return pairs;
}

function listed(value: Value): string[] {
  return (Array.isArray(value) ? value : [value]).filter((each) => typeof each === "string");
}

function resub(value: string, old: string, replacement: string, count: number, meter: Meter): string {
  try {
    const limit = meter.limits.result;
    const made = substitute(
      meter.regex(old),
      new Subject(value),
      { replacement, count, limit },
      meter.budget,
    );
    if (made === null) meter.checkLength(Number.POSITIVE_INFINITY);
    return made ?? value;
  } catch (error) {
    if (!(error instanceof RegexSyntaxError)) throw error;
    throw new TemplateError(`the replacement is not valid: ${error.message}`, { cause: error });
  }
}

function literally(value: string): string {
  return value.replace(/[\\^$.*+?()[\]{}|#\s-]/g, "\\$&");
}

function macOf(value: string): string {
  const digits = value.replace(/[.:-]/g, "").toLowerCase();
  if (!/^[\p{L}\p{N}]+$/u.test(digits)) return value;
  return digits.padEnd(12, "0").replace(/..(?=.)/g, "$&:");
}
