import { TemplateError } from "../../../core/errors.ts";
import { type Args, integer, text, type Value } from "../value.ts";
import { padding } from "./bounds.ts";

const FIELD = /%(?:\(([^)]*)\))?([-+ 0#]*)(\d{1,6}|\*)?(?:\.(\d{1,3}))?([a-zA-Z%])|%/g;

/** Python's `text % values`: values by their places, `0`, `1`, …, or by name for `%(name)s`. */
export function percentFormat(pattern: string, values: Args): string {
  let place = 0;
  const take = (name: string | undefined): Value => {
    const key = name ?? String(place++);
    if (!Object.hasOwn(values, key))
      throw new TemplateError("format has not enough arguments for its pattern");
    return values[key];
  };
  const made = pattern.replace(FIELD, (_all, name, flags = "", width = "0", precision, kind) => {
    if (kind === "%") return "%";
    if (kind === undefined || width === "*") throw new TemplateError("the pattern of format is not complete");
    const field = conversion(take(name), kind, precision === undefined ? null : Number(precision));
    return padded(field, flags, Number(width), kind);
  });
  if (Object.hasOwn(values, String(place)))
    throw new TemplateError("format has more arguments than its pattern takes");
  return made;
}

function conversion(value: Value, kind: string, precision: number | null): string {
  switch (kind) {
    case "s":
      return precision === null ? text(value) : text(value).slice(0, precision);
    case "d":
    case "i":
    case "u":
      return String(Math.trunc(number(value)));
    case "x":
      return integer(value, "the argument").toString(16);
    case "X":
      return integer(value, "the argument").toString(16).toUpperCase();
    case "o":
      return integer(value, "the argument").toString(8);
    case "f":
    case "F":
      return number(value).toFixed(Math.min(precision ?? 6, 100));
    case "c":
      return typeof value === "number" ? String.fromCodePoint(value) : text(value);
    default:
      throw new TemplateError(`format does not know %${kind}; there are %s %d %x %X %o %f %c and %%`);
  }
}

function number(value: Value): number {
  if (typeof value === "number") return value;
  throw new TemplateError("an argument of format is no number");
}

function padded(field: string, flags: string, width: number, kind: string): string {
  const numeric = kind !== "s" && kind !== "c";
  const negative = numeric && field.startsWith("-");
  const plus = flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
  const sign = negative ? "-" : numeric ? plus : "";
  const digits = negative ? field.slice(1) : field;
  const fill = padding(width - sign.length - digits.length);
  if (flags.includes("-")) return sign + digits + " ".repeat(fill);
  return flags.includes("0") && numeric ? sign + "0".repeat(fill) + digits : " ".repeat(fill) + sign + digits;
}
