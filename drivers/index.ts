import type { Driver } from "../src/device/driver.ts";
import { cliDriver } from "./cli/index.ts";
import { eapiDriver } from "./eapi/index.ts";
import { linuxDriver } from "./linux/index.ts";

/** Every driver that comes with NetPulse. */
export const builtinDrivers: readonly Driver[] = [cliDriver, linuxDriver, eapiDriver];
