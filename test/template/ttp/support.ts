import { TemplateError } from "../../../src/core/errors.ts";
import type { Limits } from "../../../src/template/limits.ts";
import type { Parsed } from "../../../src/template/parser.ts";
import { TtpParser, type TtpParsing } from "../../../src/template/ttp/ttp-parser.ts";

export interface Options extends TtpParsing {
  limits?: Partial<Limits>;
}

export function parse(template: string, text: string, { limits = {}, ...parsing }: Options = {}): Parsed {
  const parser = new TtpParser({ folder: null, limits });
  return parser.parse({ template: { kind: "inline", text: template }, text }, parsing);
}

/** The result of the one input of the one template. */
export function one(template: string, text: string, options: Options = {}): Parsed {
  const [results] = parse(template, text, options) as Parsed[][];
  return results?.[0] ?? null;
}

/** What a match becomes by functions; null where it is dropped. The record has more when `whole` is set. */
export function made(functions: string, value: string, { data = "", whole = false } = {}): Parsed {
  const template = `${data}<group name="x">\nline {{ _start_ }}\nvalue {{ v | re(".*") | ${functions} }}\n</group>`;
  const { x } = one(template, `line\nvalue ${value}\n`) as { x: { [name: string]: Parsed } };
  return whole ? x : (x.v ?? null);
}

export function refused(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof TemplateError) return error.message;
    throw error;
  }
  throw new Error("it was accepted");
}
