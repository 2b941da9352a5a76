import { TemplateError } from "../../../core/errors.ts";
import { RegexSyntaxError } from "../../../python-regex/errors.ts";
import type { PythonRegex } from "../../../python-regex/regex.ts";
import { Subject } from "../../../python-regex/subject.ts";
import { substitute } from "../../../python-regex/substitute.ts";
import { compileRegex, withinBudget } from "../../compile-regex.ts";
import { DEFAULT_LIMITS } from "../../limits.ts";
import { type Args, type Filters, integer, isTrue, text, type Value } from "../value.ts";
import { bounded } from "./bounds.ts";

/** Ansible's, with Python's regexes, whose steps are counted. */
export const REGEX_FILTERS: Filters = {
  regex_replace: {
    params: ["pattern", "replacement", "ignorecase", "multiline", "count"],
    run: (value, args) => replace(text(value), args),
  },
  regex_search: {
    params: ["pattern", "ignorecase", "multiline"],
    run: (value, args) => {
      const subject = new Subject(text(value));
      const found = counted(() => regexOf(args).search(subject, budget()));
      return found?.groups[0] ?? undefined;
    },
  },
  regex_findall: {
    params: ["pattern", "multiline", "ignorecase"],
    run: (value, args) => {
      const regex = regexOf(args);
      const all = counted(() => [...regex.findAll(new Subject(text(value)), budget())]);
      return all.map(({ groups }) => {
        const [whole, first, ...others] = groups.map((group) => group ?? "");
        if (regex.groups === 0) return whole ?? "";
        return regex.groups === 1 ? (first ?? "") : [first ?? "", ...others];
      });
    },
  },
  regex_escape: { run: (value) => text(value).replace(/[\^$.|?*+(){}[\]\\#&~\s-]/g, "\\$&") },
};

const budget = () => ({ steps: DEFAULT_LIMITS.steps });

function counted<T>(work: () => T): T {
  return withinBudget(null, null, work);
}

function regexOf({ pattern, ignorecase, multiline }: Args): PythonRegex {
  const flags = { ignoreCase: isTrue(ignorecase), multiline: isTrue(multiline) };
  return compileRegex(text(pattern, "the pattern"), null, { flags });
}

function replace(value: string, args: Args): Value {
  const { replacement = "", count = 0 } = args;
  const how = {
    replacement: text(replacement, "the replacement"),
    count: integer(count, "count"),
    limit: DEFAULT_LIMITS.text,
  };
  try {
    const regex = regexOf(args);
    const made = counted(() => substitute(regex, new Subject(value), how, budget()));
    return made ?? bounded("", Number.POSITIVE_INFINITY);
  } catch (error) {
    if (!(error instanceof RegexSyntaxError)) throw error;
    throw new TemplateError(`the replacement is not valid: ${error.message}`, { cause: error });
  }
}
