import { TemplateError } from "../../core/errors.ts";
import type { Call } from "./calls.ts";
import { type Dict, kindOf, type Value } from "./values.ts";

/** Arguments by the names of their parameters; an optional one that is not given is absent. */
export class Bound {
  readonly #values: ReadonlyMap<string, Value>;
  /** What a parameter `name*` takes. */
  readonly rest: readonly Value[];

  constructor(values: ReadonlyMap<string, Value>, rest: readonly Value[]) {
    this.#values = values;
    this.rest = rest;
  }

  value(name: string): Value | undefined {
    return this.#values.get(name);
  }

  text(name: string): string;
  text<D>(name: string, otherwise: D): string | D;
  text<D>(name: string, otherwise?: D): string | D {
    const value = this.#values.get(name);
    if (value === undefined) return otherwise as D;
    if (typeof value !== "string") throw new TemplateError(`its ${name} is a text, not ${kindOf(value)}`);
    return value;
  }

  integer(name: string, otherwise = 0): number {
    const value = this.#values.get(name) ?? otherwise;
    const number = typeof value === "string" && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
    if (typeof number !== "number" || !Number.isSafeInteger(number)) {
      throw new TemplateError(`its ${name} is a whole number`);
    }
    return number;
  }

  flag(name: string, otherwise = false): boolean {
    const value = this.#values.get(name) ?? otherwise;
    if (typeof value !== "boolean") throw new TemplateError(`its ${name} is True or False`);
    return value;
  }

  /** A name, where False and None stand for none. */
  field(name: string): string | null {
    const value = this.#values.get(name);
    return value === undefined || value === false || value === null ? null : this.text(name);
  }

  /** Texts alone. */
  get texts(): string[] {
    return this.rest.map((value) => {
      if (typeof value !== "string") throw new TemplateError(`it takes texts, not ${kindOf(value)}`);
      return value;
    });
  }
}

/** How a function is called, as `old new count?` or `values*`. */
export function bind({ name, args, kwargs, line }: Call, params: string, vars: Dict | null): Bound {
  const specs = params.split(" ").filter((spec) => spec !== "");
  const names = specs.map((spec) => spec.replace(/[?*]$/, ""));
  const many = specs.at(-1)?.endsWith("*") === true;
  const fixed = many ? names.slice(0, -1) : names;
  const fail = (reason: string): never => {
    throw new TemplateError(`${name}: ${reason}; it is called as ${name}(${specs.join(", ")})`, { line });
  };
  if (!many && args.length > fixed.length) fail("there are too many arguments");
  const resolve = (value: Value) => (typeof value === "string" ? (vars?.get(value) ?? value) : value);
  const values = new Map<string, Value>();
  for (const [at, value] of args.slice(0, fixed.length).entries())
    values.set(fixed[at] ?? "", resolve(value));
  for (const [key, value] of kwargs) {
    if (!fixed.includes(key)) fail(`it has no argument ${key}`);
    if (values.has(key)) fail(`the argument ${key} is given twice`);
    values.set(key, resolve(value));
  }
  for (const spec of specs)
    if (!/[?*]$/.test(spec) && !values.has(spec)) fail(`the argument ${spec} is missing`);
  return new Bound(values, args.slice(fixed.length).map(resolve));
}

/** Does what a function does; what is wrong then names the function and the line of the template. */
export function named<T>({ name, line }: Pick<Call, "name" | "line">, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof TemplateError) || error.line !== null) throw error;
    throw new TemplateError(`${name}: ${error.reason}`, { line, cause: error });
  }
}
