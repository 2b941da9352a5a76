import { TemplateError } from "../../../core/errors.ts";
import { Subject } from "../../../python-regex/subject.ts";
import type { Bound } from "../functions.ts";
import type { Scope } from "../scope.ts";
import { isDict, type Value } from "../values.ts";
import { found, type MatchFunctions, text, workOn } from "./outcome.ts";
import { keep } from "./records.ts";

/** Functions that look a match up in a table, or in what was found before. */
export const LOOKUPS: MatchFunctions = {
  lookup: {
    params: "name? template? group? add_field?",
    run: (value, args, scope) => found(look(args, scope, value), value, args.field("add_field")),
  },
  rlookup: {
    params: "name add_field?",
    run: (value, args, scope) => {
      const table = tableOf(args, scope);
      if (isDict(table)) scope.meter.work(table.size * workOn(value));
      const key = isDict(table) ? [...table.keys()].find((each) => text(value).includes(each)) : undefined;
      const entry = key !== undefined && isDict(table) ? table.get(key) : undefined;
      return found(entry, value, args.field("add_field"));
    },
  },
  gpvlookup: {
    params: "name add_field? record? multimatch?",
    run: (value, args, scope) => {
      const table = tableOf(args, scope);
      const keys = isDict(table) ? globbed(text(value), table, args.flag("multimatch"), scope) : [];
      const record = args.field("record");
      if (record !== null) keep(record, keys, scope);
      return found(keys.length > 0 ? keys : undefined, value, args.field("add_field"));
    },
  },
};

/** The entry that a value is the key of; `undefined` where there is none. */
export function look(args: Bound, scope: Scope, key: Value): Value | undefined {
  const table = tableOf(args, scope);
  return isDict(table) && typeof key === "string" ? table.get(key) : undefined;
}

/** What a path of names separated by dots leads to. */
function tableOf(args: Bound, { lookups, groupResults, templateResults }: Scope): Value | undefined {
  const [name, template, group] = [args.field("name"), args.field("template"), args.field("group")];
  const path = name ?? template ?? group;
  if (path === null) throw new TemplateError("it needs a name=, template= or group= to look in");
  const [first = "", ...rest] = path.split(".").map((part) => part.trim());
  let table: Value | undefined;
  if (name !== null) {
    table = lookups.get(first);
    if (table === undefined) throw new TemplateError(`there is no lookup table ${first}`);
  } else table = template !== null ? templateResults(first) : groupResults(first);
  for (const part of rest) table = isDict(table) ? table.get(part) : undefined;
  return table;
}

/** Keys with a glob pattern that fits. */
function globbed(value: string, table: ReadonlyMap<string, Value>, all: boolean, scope: Scope): string[] {
  const subject = new Subject(value);
  const fits = (pattern: Value) =>
    scope.meter.regex(regexOf(text(pattern))).match(subject, scope.meter.budget) !== null;
  const keys: string[] = [];
  for (const [key, patterns] of table) {
    if (!Array.isArray(patterns)) throw new TemplateError(`the patterns of ${key} must be a list`);
    const fitting = patterns.filter(fits).map(() => key);
    if (!all && fitting.length > 0) return [key];
    keys.push(...fitting);
  }
  return keys;
}

/** Python's `fnmatch`. */
function regexOf(glob: string): string {
  const body = glob.replace(/\*+|\?|\[(!?)(\]?[^\]]*)\]|[\s\S]/gu, (part, not?: string, set?: string) => {
    if (part.startsWith("*")) return ".*";
    if (part === "?") return ".";
    if (set === undefined) return part.replace(/[^\p{L}\p{N}_]/u, "\\$&");
    return `[${not === "!" ? "^" : ""}${set.replace(/[\\[\]^&~|]/g, "\\$&")}]`;
  });
  return `(?s:${body})\\Z`;
}
