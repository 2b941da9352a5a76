import { TemplateError } from "../../core/errors.ts";
import { type Call, callOf, parseCalls } from "./calls.ts";
import { type Bound, bind, named } from "./functions.ts";
import { loadData } from "./load.ts";
import { type Dict, isDict, isEqual, type Value } from "./values.ts";
import { textOf, type XmlElement } from "./xml.ts";

/** What is done to the results of a template, or of a group that names it. */
export interface Output {
  name: string | null;
  run(results: Value, vars: Dict): Value;
}

export const OUTPUT_TAGS = ["output", "out", "o"];

/** What an output's own text and attributes give to its functions. */
interface Settings {
  name: string | null;
  description: string | null;
  data: () => Value;
}

interface OutputFunction {
  params: string;
  run(results: Value, args: Bound, settings: Settings): Value;
}

const FUNCTIONS: Readonly<Record<string, OutputFunction>> = {
  traverse: {
    params: "path strict?",
    run: (results, args) => traversed(results, pathOf(args.text("path")), args.flag("strict", true)),
  },
  dict_to_list: {
    params: "key_name? path? strict?",
    run: (results, args) => {
      const path = args.field("path");
      const from = path === null ? results : traversed(results, pathOf(path), args.flag("strict"));
      return listOf(from, args.text("key_name", "key"));
    },
  },
  is_equal: {
    params: "",
    run: (results, _args, { name, description, data }) =>
      new Map<string, Value>([
        ["is_equal", isEqual(results, data())],
        ["output_description", description],
        ["output_name", name],
      ]),
  },
};

const REFUSED: Readonly<Record<string, string>> = {
  macro: "it runs code that comes with the template",
  deepdiff: "compare results where they are used",
  validate: "there is no validation engine",
  cerberus: "there is no validation engine",
  validate_yangson: "there is no validation engine",
  url: "nothing is written to files",
  filename: "nothing is written to files",
  method: "nothing is written to files",
};

const OWN_ATTRIBUTES = ["name", "description", "load", "key", "returner", "format", "condition"];

export function compileOutput(element: XmlElement): Output {
  const { attributes, line } = element;
  checkReturner(element);
  const settings: Settings = {
    name: attributes.get("name")?.value.trim() ?? null,
    description: attributes.get("description")?.value ?? null,
    data: () => loadData(element),
  };
  const calls = [...attributes]
    .filter(([name]) => !OWN_ATTRIBUTES.includes(name))
    .flatMap(([name, { value, line }]) =>
      name === "functions" ? parseCalls(value, line) : [callOf(name, value, line)],
    );
  const functions = calls.map((call) => compile(call, settings));
  if (!calls.some(({ name }) => name === "is_equal") && textOf(element.text).trim() !== "") {
    throw new TemplateError("the text of an output is for its function is_equal", { line });
  }
  const condition = attributes.get("condition");
  const applies =
    condition === undefined ? () => true : conditionOf(callOf("condition", condition.value, line));
  return {
    name: settings.name,
    run: (results, vars) => (applies(vars) ? functions.reduce((made, run) => run(made), results) : results),
  };
}

/** Results go back to who asked for them, as they are. */
function checkReturner({ attributes }: XmlElement): void {
  const returner = attributes.get("returner");
  if (returner !== undefined && returner.value.trim() !== "self") {
    throw new TemplateError(
      `the returner ${returner.value} is not supported: results go back to the caller, self`,
      {
        line: returner.line,
      },
    );
  }
  const format = attributes.get("format");
  if (format !== undefined && format.value.trim() !== "raw") {
    throw new TemplateError(`the format ${format.value} is not supported: results are data, raw`, {
      line: format.line,
    });
  }
}

function compile(call: Call, settings: Settings): (results: Value) => Value {
  const { name, line } = call;
  const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (known === undefined) {
    const why = Object.hasOwn(REFUSED, name) ? REFUSED[name] : undefined;
    const reason =
      why === undefined
        ? `there is no function or attribute ${name} for an output`
        : `${name} of an output is not supported: ${why}`;
    throw new TemplateError(reason, { line });
  }
  const args = bind(call, known.params, null);
  return (results) => named(call, () => known.run(results, args, settings));
}

/** `condition="name, value"`: the output runs where the variable has that value. */
function conditionOf(call: Call): (vars: Dict) => boolean {
  const args = bind(call, "name value", null);
  return (vars) => isEqual(vars.get(args.text("name")) ?? null, args.value("value") ?? null);
}

function pathOf(path: string): string[] {
  return path.split(".").map((part) => part.trim());
}

/** In lists, of each element. */
function traversed(results: Value, path: readonly string[], strict: boolean): Value {
  if (Array.isArray(results)) return results.map((each) => traversed(each, path, strict));
  let value: Value = results;
  for (const part of path) {
    const next: Value | undefined = isDict(value) ? value.get(part) : undefined;
    if (next === undefined && strict) throw new TemplateError(`the results have no ${part}`);
    value = next ?? new Map();
  }
  return value;
}

/** Dictionaries of dictionaries become lists of them, with their key inside. */
function listOf(results: Value, key: string): Value {
  if (Array.isArray(results)) return results.map((each) => listOf(each, key));
  if (!isDict(results)) return results;
  const entries = [...results];
  if (!entries.every(([, each]) => isDict(each))) return results;
  return entries.map(([name, each]) => new Map([...(isDict(each) ? each : []), [key, name]]));
}
