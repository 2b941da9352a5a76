import { builtinDrivers } from "../../drivers/index.ts";
import type { CliCommand } from "../cli/cli.ts";
import { systemClock } from "../core/clock.ts";
import { driverRegistry } from "../device/registry.ts";
import { BUILD } from "../observe/version.ts";
import { runSessionHost } from "../worker/session-host-process.ts";

/** `netpulse session-host`: what a node starts; of no use by hand. */
export const sessionHostCommand: CliCommand["run"] = () => {
  const drivers = driverRegistry(builtinDrivers);
  return runSessionHost({ clock: systemClock, build: BUILD, driver: (name) => drivers.find(name) });
};
