import { TemplateError } from "../../../core/errors.ts";
import type { Scope } from "../scope.ts";
import { copyOf, type Dict, type Value } from "../values.ts";
import { field, type MatchFunctions } from "./outcome.ts";

/** Functions that keep something, or put something else in place of a match. */
export const RECORDS: MatchFunctions = {
  record: {
    params: "var_name",
    run: (value, args, scope) => {
      keep(args.text("var_name"), value, scope);
      return { value };
    },
  },
  let: {
    params: "name_or_value var_value?",
    run: (_value, args) => {
      const value = args.value("var_value");
      const first = args.value("name_or_value") ?? null;
      return value === undefined || value === ""
        ? { value: first }
        : field(args.text("name_or_value"), value);
    },
  },
  copy: { params: "name", run: (value, args) => field(args.text("name"), copyOf(value)) },
  count: {
    params: "var? globvar?",
    run: (value, args, { vars, globals }) => {
      const [name, globalName] = [args.field("var"), args.field("globvar")];
      if (name !== null) count(name, vars);
      if (globalName !== null) count(globalName, globals);
      return { value };
    },
  },
  raise: {
    params: "message?",
    run: (_value, args) => {
      throw new TemplateError(args.text("message", "the template does not expect this match"));
    },
  },
};

/** For this input, and for all that come after it. */
export function keep(name: string, value: Value, { vars, globals, meter }: Scope): void {
  meter.keep(value);
  vars.set(name, value);
  globals.set(name, value);
}

function count(name: string, counters: Dict): void {
  const before = counters.get(name) ?? 0;
  if (typeof before !== "number") throw new TemplateError(`the variable ${name} is no number`);
  counters.set(name, before + 1);
}
