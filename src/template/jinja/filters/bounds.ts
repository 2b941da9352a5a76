import { TemplateError } from "../../../core/errors.ts";

/** A filter makes no longer text of a short one: what the engine makes itself is bounded by its memory. */
const MAX_TEXT = 16 * 1024 ** 2;

/** Throws where the text, with so many characters more, is too long. */
export function bounded(value: string, more = 0): string {
  if (value.length + more > MAX_TEXT)
    throw new TemplateError(`a filter makes more than ${MAX_TEXT} characters`);
  return value;
}

/** A count of blanks. */
export function padding(count: number): number {
  bounded("", count);
  return Math.max(0, count);
}
