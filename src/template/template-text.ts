import type { TemplateSource } from "./parser.ts";
import type { ParserName, RendererName } from "./templates.ts";

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
