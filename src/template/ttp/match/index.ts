import { TemplateError } from "../../../core/errors.ts";
import type { Call } from "../calls.ts";
import { bind, named } from "../functions.ts";
import type { Scope } from "../scope.ts";
import { type Dict, kindOf, type Value } from "../values.ts";
import { CONDITIONS } from "./conditions.ts";
import { CONVERSIONS, ipAttribute } from "./conversions.ts";
import { LOOKUPS } from "./lookups.ts";
import { type MatchFunctions, type Outcome, workOn } from "./outcome.ts";
import { TEXT_METHODS } from "./python.ts";
import { RECORDS } from "./records.ts";
import { TEXTS } from "./texts.ts";

const FUNCTIONS: MatchFunctions = { ...CONDITIONS, ...CONVERSIONS, ...LOOKUPS, ...RECORDS, ...TEXTS };

/** What TTP has, and a service must not do. */
const REFUSED: Readonly<Record<string, string>> = {
  macro: "it runs code that comes with the template",
  dns: "it asks the network",
  rdns: "it asks the network",
  geoip_lookup: "it reads databases from files",
  print: "there is no terminal to print to",
};

const IP_ATTRIBUTES = new Set(
  "broadcast_address compressed exploded hostmask ip is_global is_link_local is_loopback is_multicast is_private is_reserved is_unspecified max_prefixlen netmask network network_address num_addresses prefixlen version with_hostmask with_netmask with_prefixlen".split(
    " ",
  ),
);

/** A function of a match variable, ready to run. */
export type Step = (value: Value, scope: Scope) => Outcome;

/** Throws `TemplateError` where the function is unknown, refused or called wrongly. */
export function compileStep(call: Call, vars: Dict): Step {
  const { name, line } = call;
  const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (known !== undefined) {
    const args = bind(call, known.params, known.fromVars === true ? vars : null);
    named(call, () => known.check?.(args, vars));
    return (value, scope) =>
      named(call, () => {
        scope.meter.work((1 + args.rest.length) * workOn(value));
        return known.run(value, args, scope);
      });
  }
  const refused = Object.hasOwn(REFUSED, name) ? REFUSED[name] : undefined;
  if (refused !== undefined)
    throw new TemplateError(`the function ${name} is not supported: ${refused}`, { line });
  return methodOf(call);
}

/** A method of Python's texts, or an attribute of its addresses: what it gives decides, or takes the place. */
function methodOf(call: Call): Step {
  const { name, line } = call;
  const method = Object.hasOwn(TEXT_METHODS, name) ? TEXT_METHODS[name] : undefined;
  if (method !== undefined) {
    const args = bind(call, method.params, null);
    return (value, { meter }) =>
      named(call, () => {
        if (typeof value !== "string") throw new TemplateError(`it works on a text, not on ${kindOf(value)}`);
        meter.work(workOn(value));
        return judged(method.run(value, args, meter));
      });
  }
  if (!IP_ATTRIBUTES.has(name)) throw new TemplateError(`there is no function ${name} for a match`, { line });
  bind(call, "", null);
  return (value) => named(call, () => judged(ipAttribute(value, name)));
}

function judged(value: Value): Outcome {
  return typeof value === "boolean" ? { passed: value } : { value };
}

/** What a match becomes by its functions, with the fields that they add; null where one drops it. */
export function runSteps(
  steps: readonly Step[],
  match: Value,
  scope: Scope,
): { value: Value; fields: Dict } | null {
  let value = match;
  const fields: Dict = new Map();
  for (const step of steps) {
    const outcome = step(value, scope);
    if ("value" in outcome) value = outcome.value;
    else if ("fields" in outcome) for (const [name, each] of outcome.fields) fields.set(name, each);
    else if (!outcome.passed) return null;
  }
  return { value, fields };
}
