import { defineDriver } from "../../src/device/driver.ts";
import { connectionArgs, DEFAULT_PORT, driverArgs, usualPort } from "./args.ts";
import { connectDetected } from "./autodetect.ts";
import { check } from "./check.ts";
import { connectAs } from "./connect.ts";
import { commandArgs } from "./line-args.ts";
import { parsing } from "./parsing.ts";
import { AUTODETECT, platformOf } from "./platforms/index.ts";

/** Network devices with a command line, over SSH or Telnet. */
export const cliDriver = defineDriver({
  name: "cli",
  aliases: ["netmiko"],
  summary: "Command line of network devices (Cisco, Arista, Juniper, Huawei, H3C, …) over SSH or Telnet",
  defaultQueue: "pinned",
  defaultPort: DEFAULT_PORT,
  usualPort,
  operations: ["command", "config"],
  connectionArgs,
  driverArgs,
  commandArgs,
  parsing,
  check,
  async connect(context) {
    const { device_type: type } = context.args;
    if (type === AUTODETECT) return await connectDetected(context);
    const platform = platformOf(type);
    if (platform === undefined) throw new Error(`unchecked device type ${type}`);
    return await connectAs(platform, context);
  },
});
