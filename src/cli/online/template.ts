import { usage } from "./exit.ts";
import { readText } from "./lines.ts";
import type { Terminal } from "./terminal.ts";

export const PARSERS = ["textfsm", "ttp", "regex"] as const;
export type Parser = (typeof PARSERS)[number];

/** Where a template is: a file here, or one of the API's template folder. */
export interface TemplateOptions {
  template?: string | undefined;
  stored?: string | undefined;
}

/** The template as a request has it; undefined where none is named. */
export async function templateText(
  { template, stored }: TemplateOptions,
  terminal: Terminal,
): Promise<string | undefined> {
  if (template !== undefined && stored !== undefined) throw usage("give a template or --stored, not both");
  if (template === undefined) return stored;
  const text = await readText(template, terminal);
  if (text.trim() === "") throw usage(`${template === "-" ? "stdin" : template} holds no template`);
  // The API takes one line without an end for a path in its folder.
  return /[\r\n]/.test(text) ? text : `${text}\n`;
}

/** `NAME=VALUE`s, each value as JSON where it is some, else as text. */
export function variables(texts: readonly string[] = [], option: string): Record<string, unknown> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
      if (name === undefined || value === undefined) throw usage(`${option} is written as name=value`);
      return [name, jsonOrText(value)];
    }),
  );
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** An object from a file of JSON or YAML. */
export async function readObject(path: string, terminal: Terminal): Promise<Record<string, unknown>> {
  const value = parsed(await readText(path, terminal), path);
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw usage(`${path} holds no variables: it must be an object`);
}

function parsed(text: string, path: string): unknown {
  const json = jsonOrText(text);
  if (json !== text) return json;
  try {
    return Bun.YAML.parse(text);
  } catch {
    // The parser's own words may quote a password.
    throw usage(`${path} is neither JSON nor YAML`);
  }
}
