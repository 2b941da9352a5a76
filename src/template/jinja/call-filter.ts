import { TemplateError } from "../../core/errors.ts";
import { type Args, type Filter, fromEngine, isDict, type Value } from "./value.ts";

/** Runs a filter with what the engine hands over: the value, then arguments by place, then those by name in a map. */
export function callFilter(name: string, filter: Filter, given: readonly unknown[]): Value {
  const [value, ...rest] = given.map(fromEngine);
  if (value === undefined && !filter.takesNothing)
    throw new TemplateError(`${name} is given a value that is undefined or none`);
  return filter.run(value, argsOf(name, filter, rest));
}

function argsOf(name: string, filter: Filter, rest: readonly Value[]): Args {
  const { params = [] } = filter;
  const variadic = filter.variadic ?? false;
  const last = rest.at(-1);
  const byName = isDict(last) && isNames(last, params, variadic) ? last : null;
  const byPlace = byName === null ? rest : rest.slice(0, -1);
  if (!variadic && byPlace.length > params.length)
    throw new TemplateError(`${name} takes at most ${params.length} arguments`);
  const args: Record<string, Value> = Object.create(null);
  for (const [at, each] of byPlace.entries()) args[params[at] ?? String(at)] = each;
  return Object.assign(args, byName);
}

/** Arguments by name come as a map, as an object in the last place does. */
function isNames(last: Record<string, Value>, params: readonly string[], variadic: boolean): boolean {
  const names = Object.keys(last);
  return variadic || (names.length > 0 && names.every((name) => params.includes(name)));
}
