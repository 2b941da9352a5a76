import { TemplateError } from "../../core/errors.ts";
import { Ip } from "../ip.ts";
import { type Call, callOf, parseCalls } from "./calls.ts";
import { format } from "./format.ts";
import { type Bound, bind, named } from "./functions.ts";
import { toFloat, toInt } from "./match/conversions.ts";
import { look } from "./match/lookups.ts";
import { keep } from "./match/records.ts";
import { type Path, parsePath } from "./path.ts";
import type { Scope } from "./scope.ts";
import { copyOf, type Dict, isDict, isEqual, type Value } from "./values.ts";

/** A group's record while its functions run. */
export interface GroupRecord {
  fields: Dict;
  /** What its fields are where nothing was matched: such count as absent. */
  defaults: Dict;
  /** Goes in place of the fields, into a list at the group's path. */
  item: Value | undefined;
  /** Puts an item into the list at another path. */
  put(path: Path, item: Value): void;
}

/** A function of a group, ready to run; false drops the record. */
export type GroupStep = (record: GroupRecord, scope: Scope) => boolean;

interface GroupFunction {
  params: string;
  run(record: GroupRecord, args: Bound, scope: Scope): boolean;
}

const FUNCTIONS: Readonly<Record<string, GroupFunction>> = {
  contains: { params: "names*", run: (record, args) => args.texts.some((name) => has(record, name)) },
  containsall: { params: "names*", run: (record, args) => args.texts.every((name) => has(record, name)) },
  exclude: {
    params: "names*",
    run: ({ fields, defaults }, args) => !args.texts.some((name) => fields.has(name) && !defaults.has(name)),
  },
  excludeall: {
    params: "names*",
    run: ({ fields, defaults }, args) => !args.texts.every((name) => fields.has(name) && !defaults.has(name)),
  },
  equal: {
    params: "key value",
    run: ({ fields }, args, { vars }) => {
      const field = fields.get(args.text("key"));
      return field !== undefined && isEqual(field, fromVars(args.value("value") ?? null, vars));
    },
  },
  contains_val: {
    params: "key value",
    run: ({ fields }, args, { vars }) =>
      holds(fields.get(args.text("key")), fromVars(args.value("value") ?? null, vars)),
  },
  exclude_val: {
    params: "key value",
    run: ({ fields }, args, { vars }) =>
      !holds(fields.get(args.text("key")), fromVars(args.value("value") ?? null, vars)),
  },
  void: { params: "", run: () => false },
  del: {
    params: "names*",
    run: ({ fields }, args) => {
      for (const name of args.texts) fields.delete(name);
      return true;
    },
  },
  set: {
    params: "source target? default?",
    run: ({ fields }, args, { vars }) => {
      const source = args.text("source");
      const value = vars.get(source) ?? args.value("default") ?? source;
      fields.set(args.text("target", source), copyOf(value));
      return true;
    },
  },
  record: {
    params: "source target?",
    run: ({ fields }, args, scope) => {
      const source = args.text("source");
      const value = fields.get(source);
      if (value !== undefined) keep(args.text("target", source), copyOf(value), scope);
      return true;
    },
  },
  sformat: {
    params: "string add_field",
    run: ({ fields }, args, { vars, globals, meter }) => {
      const find = (name: string) => fields.get(name) ?? vars.get(name) ?? globals.get(name);
      const made = format(args.text("string"), find, meter);
      if (made !== null) fields.set(args.text("add_field"), made);
      return true;
    },
  },
  to_int: {
    params: "intlist? names*",
    run: ({ fields }, args) => toNumbers(fields, args),
  },
  to_ip: {
    params: "ip_key mask_key",
    run: ({ fields }, args) => {
      const [ip, mask] = [fields.get(args.text("ip_key")), fields.get(args.text("mask_key"))];
      const made =
        typeof ip === "string" && typeof mask === "string" ? Ip.parse(`${ip}/${mask}`, "interface") : null;
      if (made !== null) fields.set(args.text("ip_key"), made);
      return true;
    },
  },
  expand: {
    params: "",
    run: (record) => {
      record.fields = expanded(record.fields);
      return true;
    },
  },
  items2dict: {
    params: "key_name value_name",
    run: ({ fields }, args) => {
      const [key, value] = [fields.get(args.text("key_name")), fields.get(args.text("value_name"))];
      if (typeof key !== "string" || value === undefined) return false;
      fields.delete(args.text("key_name"));
      fields.delete(args.text("value_name"));
      fields.set(key, value);
      return true;
    },
  },
  itemize: {
    params: "key path?",
    run: (record, args) => {
      const item = record.fields.get(args.text("key"));
      const path = args.field("path");
      if (item === undefined) return false;
      if (path === null) record.item = item;
      else record.put(asList(parsePath(path, ".", null)), item);
      return true;
    },
  },
  lookup: {
    params: "key name? template? group? add_field? replace? update?",
    run: ({ fields }, args, scope) => {
      const key = fields.get(args.text("key"));
      const known = key === undefined ? undefined : look(args, scope, key);
      if (known === undefined) return true;
      const entry = copyOf(known);
      const field = args.field("add_field");
      if (field !== null) fields.set(field, entry);
      else if (args.flag("update") && isDict(entry))
        for (const [name, value] of entry) fields.set(name, value);
      else if (args.flag("replace", true)) fields.set(args.text("key"), entry);
      return true;
    },
  },
};

const REFUSED: Readonly<Record<string, string>> = {
  macro: "it runs code that comes with the template",
  cerberus: "there is no validation engine",
  validate: "there is no validation engine",
  str_to_unicode: "texts are Unicode already",
};

/** What an attribute of a group calls: itself, or with `functions` those in its value. */
export function compileGroupFunctions(name: string, value: string, line: number, vars: Dict): GroupStep[] {
  if (name !== "functions" && name !== "chain") return [compile(callOf(name, value, line))];
  const chained = vars.get(value.trim());
  const texts = Array.isArray(chained) ? chained : [chained ?? value];
  return texts.flatMap((text) => {
    if (typeof text !== "string") throw new TemplateError("a chain is a text or a list of texts", { line });
    return parseCalls(text, line).map(compile);
  });
}

function compile(call: Call): GroupStep {
  const { name, line } = call;
  const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (known === undefined) {
    const why = Object.hasOwn(REFUSED, name) ? REFUSED[name] : undefined;
    const reason =
      why === undefined
        ? `there is no function or attribute ${name} for a group`
        : `the function ${name} is not supported: ${why}`;
    throw new TemplateError(reason, { line });
  }
  const args = boundArguments(call, known.params);
  return (record, scope) =>
    named(call, () => {
      scope.meter.work(1 + args.rest.length + record.fields.size);
      return known.run(record, args, scope);
    });
}

/** `to_int` takes names alone by place, so that its one named argument has no place. */
function boundArguments(call: Call, params: string): Bound {
  if (call.name !== "to_int") return bind(call, params, null);
  const { args, ...rest } = call;
  const [list = false] = call.kwargs.has("intlist") ? [call.kwargs.get("intlist")] : [];
  return bind({ ...rest, args: [list, ...args], kwargs: new Map() }, params, null);
}

/** With a value that was matched. */
function has({ fields, defaults }: GroupRecord, name: string): boolean {
  const value = fields.get(name);
  if (value === undefined) return false;
  const otherwise = defaults.get(name);
  return otherwise === undefined || !isEqual(value, otherwise);
}

function fromVars(value: Value, vars: Dict): Value {
  return typeof value === "string" ? (vars.get(value) ?? value) : value;
}

function holds(field: Value | undefined, value: Value): boolean {
  if (Array.isArray(field)) return field.some((each) => isEqual(each, value));
  return typeof field === "string" && typeof value === "string" && field.includes(value);
}

function toNumbers(fields: Dict, args: Bound): boolean {
  const number = (value: Value) =>
    typeof value === "string" ? (toInt(value) ?? toFloat(value) ?? value) : value;
  const names = args.texts;
  for (const name of names.length > 0 ? names : [...fields.keys()]) {
    const value = fields.get(name);
    if (value === undefined) continue;
    fields.set(name, args.flag("intlist") && Array.isArray(value) ? value.map(number) : number(value));
  }
  return true;
}

const MAX_EXPANSION = 20;

/** Names with dots become dictionaries in dictionaries. */
function expanded(fields: Dict): Dict {
  const whole: Dict = new Map();
  for (const [name, value] of fields) {
    const parts = name.split(".");
    if (parts.length > MAX_EXPANSION) throw new TemplateError(`a name has more than ${MAX_EXPANSION} parts`);
    const last = parts.pop() ?? "";
    let into = whole;
    for (const part of parts) {
      const next = into.get(part);
      const below: Dict = isDict(next) ? next : new Map();
      into.set(part, below);
      into = below;
    }
    into.set(last, value);
  }
  return whole;
}

/** An item goes into a list whatever the path's last item says. */
export function asList(path: Path): Path {
  return path.map((item, at) => (at === path.length - 1 ? { ...item, below: "list" as const } : item));
}
