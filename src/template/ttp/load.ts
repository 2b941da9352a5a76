import { TemplateError } from "../../core/errors.ts";
import { loadCsv } from "./csv.ts";
import { loadIni } from "./ini.ts";
import { readAssignments } from "./python-literal.ts";
import { type Dict, fromParsed, isDict, type Value } from "./values.ts";
import { linesOf, textOf, type XmlElement } from "./xml.ts";

/** Of all the values that a template brings: aliases of YAML could make millions of a few lines. */
const MAX_VALUES = 100_000;

/** The data of a tag, which its attribute `load` says how to read; by default it is Python's. */
export function loadData(element: XmlElement): Value {
  const { line } = element;
  refuse(element, "include", "data from other files");
  const loader = element.attributes.get("load")?.value.trim().toLowerCase() ?? "python";
  const text = textOf(element.text);
  switch (loader) {
    case "python":
      return readAssignments(text, element.text[0]?.line ?? line);
    case "json":
      return guarded(line, "JSON", () => JSON.parse(text));
    case "yaml":
      return loadYaml(text, line);
    case "ini":
      return loadIni(linesOf(element.text));
    case "csv":
      return loadCsv(linesOf(element.text), element.attributes.get("key")?.value ?? null);
    case "text":
      return text;
    default:
      throw new TemplateError(`unknown loader "${loader}"; there are python, json, yaml, ini, csv and text`, {
        line,
      });
  }
}

export function loadDict(element: XmlElement): Dict {
  const data = loadData(element);
  if (isDict(data)) return data;
  throw new TemplateError(`the data of <${element.name}> must be a dictionary`, { line: element.line });
}

export function refuse(element: XmlElement, attribute: string, what: string): void {
  const found = element.attributes.get(attribute);
  if (found === undefined) return;
  throw new TemplateError(`${attribute}= is not supported: no ${what}`, { line: found.line });
}

/** A tag would be dropped without a word, and with it what it asks for. */
const YAML_TAG = /(?:^|[\s[{,])!\S/m;

function loadYaml(text: string, line: number): Value {
  if (YAML_TAG.test(text.replace(/"(?:\\.|[^"\\])*"|'[^']*'|#.*$/gm, '""'))) {
    throw new TemplateError("tags of YAML are not supported; put a text with ! in quotes", { line });
  }
  return guarded(line, "YAML", () => Bun.YAML.parse(dedented(text)));
}

/** A template may indent what is inside a tag. */
function dedented(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const indent = lines.reduce((least, line) => Math.min(least, line.length - line.trimStart().length), 200);
  return text.replaceAll(new RegExp(`^ {${indent}}`, "gm"), "");
}

function guarded(line: number, format: string, parse: () => unknown): Value {
  let parsed: unknown;
  try {
    parsed = parse();
  } catch (error) {
    // A RangeError is one of nesting: the stack is exhausted.
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
    throw new TemplateError(`the ${format} is not valid: ${error.message}`, { line, cause: error });
  }
  try {
    return fromParsed(parsed, { values: MAX_VALUES });
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new TemplateError(error.reason, { line, cause: error });
  }
}
