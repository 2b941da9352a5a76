import { defineDriver } from "../../src/device/driver.ts";
import { connectionArgs, driverArgs, HTTPS_PORT, usualPort } from "./args.ts";
import { check } from "./check.ts";
import { openEapiSession } from "./session.ts";

/** Arista EOS by its own API: commands and lines of configuration in JSON-RPC over HTTPS. */
export const eapiDriver = defineDriver({
  name: "eapi",
  aliases: ["pyeapi"],
  summary: "Arista EOS over eAPI (JSON-RPC over HTTPS)",
  defaultQueue: "fifo",
  defaultPort: HTTPS_PORT,
  usualPort,
  operations: ["command", "config"],
  connectionArgs,
  driverArgs,
  check,
  connect: openEapiSession,
});
