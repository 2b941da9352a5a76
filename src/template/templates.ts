import type { Parsed, TemplateSource } from "./parser.ts";
import type { RenderOptions } from "./renderer.ts";

export const RENDERERS = ["jinja2"] as const;
export type RendererName = (typeof RENDERERS)[number];

export const PARSERS = ["textfsm", "ttp", "regex"] as const;
export type ParserName = (typeof PARSERS)[number];

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
