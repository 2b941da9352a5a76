import type { CliCommand } from "../cli/cli.ts";
import { systemClock } from "../core/clock.ts";
import { driverRegistry } from "../device/registry.ts";
import { BUILD } from "../observe/version.ts";
import { runSessionHost } from "../worker/session-host-process.ts";
import { driversOf } from "./drivers.ts";

/** `netpulse session-host [DRIVERS_DIR]`: what a node starts; of no use by hand. */
export const sessionHostCommand: CliCommand["run"] = async ([driversDir = null]) => {
  const drivers = driverRegistry(await driversOf(driversDir));
  return await runSessionHost({ clock: systemClock, build: BUILD, driver: (name) => drivers.find(name) });
};
