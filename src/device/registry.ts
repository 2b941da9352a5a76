import { nearest } from "../core/nearest.ts";
import type { Driver } from "./driver.ts";

/** The drivers there are, by any name a request may use. */
export interface DriverRegistry {
  /** By name or alias, in any case. */
  find(name: string): Driver | null;
  /** In the order they were given. */
  list(): readonly Driver[];
  /** Every name and alias. */
  names(): string[];
  /** The name or alias most like `name`, for "did you mean"; `null` when none is. */
  suggest(name: string): string | null;
}

/** Throws when two drivers claim one name. */
export function driverRegistry(drivers: readonly Driver[]): DriverRegistry {
  const byName = new Map<string, Driver>();
  for (const driver of drivers) {
    for (const name of [driver.name, ...driver.aliases]) {
      const taken = byName.get(name);
      if (taken !== undefined)
        throw new Error(`drivers ${taken.name} and ${driver.name} are both named ${name}`);
      byName.set(name, driver);
    }
  }
  return {
    find: (name) => byName.get(name.toLowerCase()) ?? null,
    list: () => drivers,
    names: () => [...byName.keys()],
    suggest: (name) => nearest(name, byName.keys()),
  };
}
