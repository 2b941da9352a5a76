import { nearest } from "../../core/nearest.ts";
import { usage } from "./exit.ts";

/** The part of a driver's schemas that helps to understand what people type; `Driver` of the device seam fits. */
export interface DriverHint {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly connectionArgs: ArgsHint;
  readonly driverArgs: ArgsHint;
}

interface ArgsHint {
  readonly properties: Readonly<Record<string, { readonly [word: string]: unknown }>>;
}

/** The driver of that name; throws with the nearest one for a mistyped name. Undefined: not one that is known here. */
export function driverOf(drivers: readonly DriverHint[], name: string): DriverHint | undefined {
  const found = drivers.find((driver) => driver.name === name || driver.aliases.includes(name));
  if (found !== undefined) return found;
  const names = drivers.flatMap((driver) => [driver.name, ...driver.aliases]);
  const best = nearest(name, names);
  if (best !== null) throw usage(`there is no driver "${name}"; did you mean "${best}"?`);
  return undefined;
}

/** Text as the value its argument has: a number or a truth value where the driver wants one. */
export function argument(args: ArgsHint | undefined, name: string, text: string): unknown {
  const hint = args?.properties[name];
  if (args !== undefined && hint === undefined) unknownArgument(name, Object.keys(args.properties));
  checkChoice(name, text, hint?.enum);
  if (hint?.type === "integer" || hint?.type === "number")
    return Number.isNaN(Number(text)) ? text : Number(text);
  if (hint?.type === "boolean") return text === "true" ? true : text === "false" ? false : text;
  if (hint?.type === "array" || hint?.type === "object") return parsed(name, text);
  return text;
}

/** Only refused where it looks like a known one: the API may know more than this program. */
function unknownArgument(name: string, known: readonly string[]): void {
  const best = nearest(name, known);
  if (best !== null) throw usage(`there is no "${name}"; did you mean "${best}"?`);
}

function checkChoice(name: string, text: string, choices: unknown): void {
  if (!Array.isArray(choices) || choices.includes(text)) return;
  const best = nearest(text, choices.map(String));
  if (best !== null) throw usage(`there is no ${name} "${text}"; did you mean "${best}"?`);
}

function parsed(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw usage(`${name} is written as JSON`);
  }
}
