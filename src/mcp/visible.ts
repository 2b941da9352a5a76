/**
 * What people do not see and models read all the same: tag characters, variation selectors, zero-width ones, marks that turn
 * the direction of text, and control characters other than line ends and tabs.
 */
const HIDDEN =
  /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]|\p{Variation_Selector}/gu;

/** Text with what is hidden in it written out, as `\u{200b}`. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);
}

/** The same for all texts of a value, names of fields included: a parser's may come from a device. */
export function allVisible(value: unknown): unknown {
  if (typeof value === "string") return visible(value);
  if (Array.isArray(value)) return value.map(allVisible);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [visible(name), allVisible(inner)]));
}
