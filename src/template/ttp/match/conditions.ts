import { Subject } from "../../../python-regex/subject.ts";
import { compileRegex } from "../../compile-regex.ts";
import type { Bound } from "../functions.ts";
import type { Scope } from "../scope.ts";
import { isDict, isEqual, type Value } from "../values.ts";
import { type MatchFunctions, type Outcome, text } from "./outcome.ts";

/** Functions that let a match pass or drop it. */
export const CONDITIONS: MatchFunctions = {
  equal: {
    params: "value",
    fromVars: true,
    run: (value, args) => ({ passed: isEqual(value, args.value("value") ?? null) }),
  },
  notequal: {
    params: "value",
    fromVars: true,
    run: (value, args) => ({ passed: !isEqual(value, args.value("value") ?? null) }),
  },
  contains: {
    params: "patterns*",
    fromVars: true,
    run: (value, args) => ({ passed: args.texts.some((pattern) => holds(value, pattern)) }),
  },
  exclude: {
    params: "pattern",
    fromVars: true,
    run: (value, args) => ({ passed: !holds(value, args.text("pattern")) }),
  },
  contains_re: searching((pattern) => pattern, true),
  startswith_re: searching((pattern) => `^${pattern}`, true),
  endswith_re: searching((pattern) => `${pattern}$`, true),
  exclude_re: searching((pattern) => pattern, false),
  notstartswith_re: searching((pattern) => `^${pattern}`, false),
  notendswith_re: searching((pattern) => `${pattern}$`, false),
  isdigit: { params: "", run: (value) => ({ passed: isDigits(text(value)) }) },
  notdigit: { params: "", run: (value) => ({ passed: !isDigits(text(value)) }) },
  greaterthan: {
    params: "value",
    run: (value, args) => comparing(value, args.value("value"), (a, b) => a > b),
  },
  lessthan: { params: "value", run: (value, args) => comparing(value, args.value("value"), (a, b) => a < b) },
  void: { params: "", run: () => ({ passed: false }) },
};

function searching(whole: (pattern: string) => string, wanted: boolean) {
  return {
    params: "pattern",
    fromVars: true,
    check: (args: Bound) => {
      compileRegex(whole(args.text("pattern")), null);
    },
    run: (value: Value, args: Bound, { meter }: Scope): Outcome => {
      const regex = meter.regex(whole(args.text("pattern")));
      return { passed: (regex.search(new Subject(text(value)), meter.budget) !== null) === wanted };
    },
  };
}

function holds(value: Value, pattern: string): boolean {
  if (Array.isArray(value)) return value.some((each) => isEqual(each, pattern));
  return isDict(value) ? value.has(pattern) : text(value).includes(pattern);
}

export function isDigits(value: string): boolean {
  return /^\s*\p{Nd}+\s*$/u.test(value);
}

/** Only digits are compared: what is something else does not pass. */
function comparing(
  value: Value,
  other: Value | undefined,
  compare: (a: bigint, b: bigint) => boolean,
): Outcome {
  const [a, b] = [wholeOf(value), wholeOf(other ?? null)];
  return { passed: a !== null && b !== null && compare(a, b) };
}

function wholeOf(value: Value): bigint | null {
  const written = typeof value === "number" ? String(value) : value;
  return typeof written === "string" && /^\s*[0-9]{1,1000}\s*$/.test(written) ? BigInt(written.trim()) : null;
}
