import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { StartupError } from "../core/errors.ts";
import type { Driver } from "./driver.ts";

/** By what a driver from outside has the seam; its types come from `exports` in package.json. */
const MODULE = "netpulse/driver";
const ENDINGS = [".ts", ".js", ".mjs"];

/**
 * The drivers of a folder: each is a file, or a folder with an `index` file, whose default export is what `defineDriver`
 * gave. Names that begin with a dot or an underscore are left alone. Throws `StartupError` with the path and the reason
 * for the first that cannot be used: a server that came up without it would refuse its jobs.
 */
export async function loadDrivers(folder: string): Promise<Driver[]> {
  offerSeam();
  const drivers: Driver[] = [];
  for (const file of entriesOf(folder)) drivers.push(await loadDriver(file));
  return drivers;
}

let offered = false;

/** A compiled program has no file that they could import. */
function offerSeam(): void {
  if (offered) return;
  offered = true;
  Bun.plugin({
    name: MODULE,
    setup: (build) =>
      void build.module(MODULE, async () => ({
        exports: { ...(await import("./driver-kit.ts")) },
        loader: "object",
      })),
  });
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter(({ name }) => !/^[._]|\.(?:test|d)\.ts$/.test(name))
      .sort((a, b) => a.name.localeCompare(b.name))
      .flatMap(({ name }) => {
        const path = join(folder, name);
        if (ENDINGS.some((ending) => name.endsWith(ending))) return [path];
        return ENDINGS.map((ending) => join(path, `index${ending}`))
          .filter(existsSync)
          .slice(0, 1);
      });
  } catch (error) {
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    throw new StartupError(`drivers_dir ${folder} cannot be read: ${code}`, { cause: error });
  }
}

async function loadDriver(file: string): Promise<Driver> {
  let module: { default?: unknown };
  try {
    module = await import(file);
  } catch (error) {
    throw unusable(file, reasonOf(error), error);
  }
  const problem = problemOf(module.default);
  if (problem !== null) throw unusable(file, problem);
  return module.default as Driver;
}

function unusable(file: string, reason: string, cause?: unknown): StartupError {
  return new StartupError(`driver ${file} cannot be used: ${reason}`, { cause });
}

/** On one line; of an error in the text of the file, where it is. */
function reasonOf(error: unknown): string {
  const [first] = error instanceof AggregateError ? error.errors : [error];
  const message = first instanceof Error || first instanceof BuildMessage ? first.message : String(first);
  const line = first instanceof BuildMessage && first.position ? `line ${first.position.line}: ` : "";
  return `${line}${message}`.replaceAll(/\s+/g, " ").slice(0, 300);
}

/** What a glance shows; the rest is the types' and the author's tests'. */
function problemOf(value: unknown): string | null {
  if (typeof value !== "object" || value === null)
    return "its default export is no driver; export default defineDriver({ … })";
  const driver = value as Partial<Record<keyof Driver, unknown>>;
  if (!isName(driver.name)) return "its name must be of a-z, 0-9, - and _, at most 32 of them";
  const wrong = Object.entries(SHAPE).find(([field, isRight]) => !isRight(driver[field as keyof Driver]));
  return wrong === undefined ? null : `${wrong[0]} is missing or wrong`;
}

type Check = (value: unknown) => boolean;

const isName: Check = (value) => typeof value === "string" && /^[a-z0-9_-]{1,32}$/.test(value);
const isFunction: Check = (value) => typeof value === "function";
const isSchema: Check = (value) =>
  typeof value === "object" && value !== null && "type" in value && value.type === "object";

const SHAPE: Partial<Record<keyof Driver, Check>> = {
  aliases: (value) => Array.isArray(value) && value.every(isName),
  summary: (value) => typeof value === "string",
  defaultQueue: (value) => value === "fifo" || value === "pinned",
  defaultPort: (value) => Number.isInteger(value),
  operations: (value) => Array.isArray(value) && value.length > 0,
  connectionArgs: isSchema,
  driverArgs: isSchema,
  check: isFunction,
  connect: isFunction,
};
