import { TemplateError } from "../../../core/errors.ts";
import type { Value } from "../values.ts";

/** From the longest to the shortest, which is their order in a text as well. */
const UNITS: readonly { name: string; words: RegExp; seconds: number }[] = [
  { name: "years", words: /^(?:years?|yrs?|ys?)$/, seconds: 365 * 86_400 },
  { name: "months", words: /^(?:months?|mths?|mos?)$/, seconds: 30 * 86_400 },
  { name: "weeks", words: /^(?:weeks?|wks?|w)$/, seconds: 7 * 86_400 },
  { name: "days", words: /^(?:days?|dys?|d)$/, seconds: 86_400 },
  { name: "hours", words: /^(?:hours?|hrs?|h)$/, seconds: 3600 },
  { name: "mins", words: /^(?:minutes?|mins?|m)$/, seconds: 60 },
  { name: "secs", words: /^(?:seconds?|secs?|s)$/, seconds: 1 },
];

/** `2 weeks, 3 days` in seconds, or as a dictionary; a text that is no such time stays as it is. */
export function uptime(value: string, format: string): Value {
  if (format !== "seconds" && format !== "dict") throw new TemplateError("its format is seconds or dict");
  const parts = partsOf(value);
  if (parts === null) return value;
  if (format === "dict") return new Map(parts.map(({ name, digits }) => [name, digits]));
  return parts.reduce((sum, { digits, seconds }) => sum + Number(digits) * seconds, 0);
}

/** No time is longer; of blanks without end the search for separators would be slow. */
const MAX_LENGTH = 200;

function partsOf(value: string) {
  if (value.length > MAX_LENGTH) return null;
  const words = value
    .trim()
    .toLowerCase()
    .split(/\s*[,/]\s*|\s+(?=\d)/);
  const parts: { name: string; digits: string; seconds: number }[] = [];
  let at = -1;
  for (const word of words) {
    const [, digits, name] = /^(\d{1,9})\s*([a-z]+)\.?$/.exec(word) ?? [];
    if (digits === undefined || name === undefined) return null;
    const unit = UNITS.findIndex(({ words }) => words.test(name));
    const found = UNITS[unit];
    if (found === undefined || unit <= at) return null;
    at = unit;
    parts.push({ name: found.name, digits, seconds: found.seconds });
  }
  return parts;
}
