/** What a parser makes of a text: what JSON can say. */
export type Parsed = string | number | boolean | null | Parsed[] | { [name: string]: Parsed };

/** Where a template comes from. */
export type TemplateSource =
  | { kind: "inline"; text: string }
  /** A file inside the template folder, by its path in it or as `file:///…`. */
  | { kind: "file"; path: string }
  /** The one that the template folder has for a platform's command. */
  | { kind: "command"; platform: string; command: string; hostname?: string };

export interface ParseRequest {
  template: TemplateSource;
  /** What a device has printed; hostile. */
  text: string;
}

/**
 * Turns a device's output into data by a template. `parse` is synchronous and ends within its bounds, but
 * may take seconds: call it where no event loop waits. Throws `TemplateError`.
 */
export interface Parser {
  readonly name: string;
  parse(request: ParseRequest): Parsed;
}
