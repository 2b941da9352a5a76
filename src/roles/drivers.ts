import { resolve } from "node:path";
import { builtinDrivers } from "../../drivers/index.ts";
import { StartupError } from "../core/errors.ts";
import type { Driver } from "../device/driver.ts";
import { loadDrivers } from "../device/load-drivers.ts";
import { driverRegistry } from "../device/registry.ts";

/** The drivers that come with NetPulse, and those of the folder that the configuration names. */
export async function driversOf(folder: string | null): Promise<readonly Driver[]> {
  if (folder === null) return builtinDrivers;
  const drivers = [...builtinDrivers, ...(await loadDrivers(resolve(folder)))];
  try {
    driverRegistry(drivers);
  } catch (error) {
    throw new StartupError(`drivers_dir ${folder}: ${error instanceof Error ? error.message : error}`);
  }
  return drivers;
}
