import { DEFAULT_LIMITS } from "./limits.ts";
import type { Parsed, TemplateSource } from "./parser.ts";
import type { RenderOptions } from "./renderer.ts";

export type { Parsed, TemplateSource } from "./parser.ts";
export type { RenderOptions } from "./renderer.ts";

/** What makes text of templates, by the name that requests use. */
export const RENDERERS = ["jinja2"] as const;
export type RendererName = (typeof RENDERERS)[number];

/** What makes data of text. */
export const PARSERS = ["textfsm", "ttp", "regex"] as const;
export type ParserName = (typeof PARSERS)[number];

/** Characters of a text; parsers refuse longer ones. */
export const MAX_PARSED_TEXT = DEFAULT_LIMITS.text;

/** What a renderer is to do. */
export interface RenderWork {
  name: RendererName;
  template: TemplateSource;
  context: Readonly<Record<string, unknown>>;
  options: RenderOptions;
}

/** What a parser is to do. */
export interface ParseWork {
  name: ParserName;
  template: TemplateSource;
  text: string;
  options: ParseOptions;
}

/** Each parser takes its own. */
export interface ParseOptions {
  /** `regex`. */
  match?: "all" | "first";
  multiline?: boolean;
  /** `ttp`. */
  structure?: "list" | "dictionary" | "flat_list";
  vars?: Readonly<Record<string, Parsed>>;
}

/** How the commands or the config of a job are made of templates. */
export interface Rendering {
  name: RendererName;
  context: Readonly<Record<string, unknown>>;
  options: RenderOptions;
}

/** How what the commands of a job print is parsed. */
export interface Parsing {
  name: ParserName;
  /** As a request names it; null: by platform and command. */
  template: string | null;
  /** null: that of the device. */
  platform: string | null;
  options: ParseOptions;
}

/** On whose behalf. */
export interface TemplateCall {
  /** Who asks: one who asks for much waits for himself. */
  lane: string;
  /** Waits for its turn however long that takes; else it is refused where too many wait. */
  patient: boolean;
  /** Ends it. */
  signal: AbortSignal;
}

/**
 * The template seam: renders and parses where it holds up nobody, within limits of time, memory and result. Rejects with
 * `TemplateError` for what is wrong with the template or what it asks for, with `TemplatesBusyError`, and with the
 * signal's reason.
 */
export interface Templates {
  /** The text, `templates.max_output` at most. */
  render(work: RenderWork, call: TemplateCall): Promise<string>;
  /** The records as JSON text: nobody here has to take large results apart. */
  parse(work: ParseWork, call: TemplateCall): Promise<string>;
}

/** Too many wait already. */
export class TemplatesBusyError extends Error {
  constructor() {
    super("too many templates are waiting to be rendered or parsed; try again shortly");
    this.name = "TemplatesBusyError";
  }
}

/** What each kind of template holds where it is written out; a text on one line without it names a file. */
const MARKS: Record<ParserName, RegExp> = { textfsm: /^Value\s/, ttp: /\{\{|</, regex: /\(\?P</ };
/** A path with a suffix, without blanks and braces: any other text may be a template. */
const PATH_OF_TEMPLATE = /^[^\s{}]+\.(?:j2|jinja|jinja2|tmpl|tpl|template|txt|conf|cfg)$/i;

/** A request's `template`: the template itself, or a file by its path or URL. */
export function templateSource(name: RendererName | ParserName, text: string): TemplateSource {
  return isPath(name, text) ? { kind: "file", path: text } : { kind: "inline", text };
}

function isPath(name: RendererName | ParserName, text: string): boolean {
  if (/[\r\n]/.test(text)) return false;
  if (/^file:/i.test(text)) return true;
  return name === "jinja2" ? PATH_OF_TEMPLATE.test(text) : !MARKS[name].test(text);
}
