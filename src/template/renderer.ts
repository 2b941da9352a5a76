import type { TemplateSource } from "./parser.ts";

export interface RenderRequest {
  template: TemplateSource;
  /** Variables by name: what JSON can say. */
  context: Readonly<Record<string, unknown>>;
  options?: RenderOptions;
}

/** As Jinja2's environment has them. */
export interface RenderOptions {
  trim_blocks?: boolean;
  lstrip_blocks?: boolean;
  keep_trailing_newline?: boolean;
  /** `strict` by default: what is undefined may not be used. */
  undefined?: "strict" | "lenient" | "chainable";
}

/**
 * Makes text of a template. Synchronous, and only a limit of steps ends it: call it where no event loop waits, in a
 * process that may be ended. Throws `TemplateError`.
 */
export interface Renderer {
  readonly name: string;
  render(request: RenderRequest): string;
}
