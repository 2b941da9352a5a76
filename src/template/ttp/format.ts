import { TemplateError } from "../../core/errors.ts";
import type { Meter } from "./scope.ts";
import { str, type Value } from "./values.ts";

const FIELD = /\{\{|\}\}|\{([^{}]*)\}|[{}]/g;

/** Python's `str.format` with plain fields, `{}`, `{0}` and `{name}`; null when one is not known. */
export function format(
  template: string,
  lookup: (name: string) => Value | undefined,
  meter: Meter,
): string | null {
  let length = template.length;
  let complete = true;
  const made = template.replace(FIELD, (whole, name?: string) => {
    if (whole === "{{" || whole === "}}") return whole.charAt(0);
    if (name === undefined)
      throw new TemplateError("a { or } stands alone; write {{ or }} for the character");
    if (/[.[\]!:]/.test(name)) {
      throw new TemplateError(`the field {${name}} has a conversion or a format, which is not supported`);
    }
    const value = lookup(name);
    if (value === undefined) complete = false;
    const text = value === undefined ? "" : str(value);
    length += text.length;
    meter.checkLength(length);
    return text;
  });
  return complete ? made : null;
}
