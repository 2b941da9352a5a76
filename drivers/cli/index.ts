import { defineDriver } from "../../src/device/driver.ts";
import { connectSeconds, sshSecrets, sshTarget } from "../../src/device/ssh-args.ts";
import { connectSsh } from "../../src/device/transport/ssh.ts";
import { connectionArgs, DEFAULT_PORT, driverArgs } from "./args.ts";
import { check } from "./check.ts";
import { platformOf } from "./platforms/index.ts";
import { openCliSession } from "./session.ts";

/** Network devices with a command line, over SSH. */
export const cliDriver = defineDriver({
  name: "cli",
  aliases: ["netmiko"],
  summary: "Command line of network devices (Cisco, Arista, Juniper, Huawei, H3C, …) over SSH",
  defaultQueue: "pinned",
  defaultPort: DEFAULT_PORT,
  operations: ["command", "config"],
  connectionArgs,
  driverArgs,
  check,
  async connect(context) {
    const { args, clock, signal } = context;
    const platform = platformOf(args.device_type);
    if (platform === undefined) throw new Error(`unchecked device type ${args.device_type}`);
    const username = args.username + (args.username.includes("+") ? "" : platform.loginOptions);
    const connection = await connectSsh(sshTarget({ ...args, username }, DEFAULT_PORT), context);
    return await openCliSession(
      {
        platform,
        clock,
        signal,
        secret: args.secret === "" ? undefined : args.secret,
        secrets: [args.secret, ...sshSecrets(args)],
        loginSeconds: connectSeconds(args),
        progress: (doing) => context.progress(doing),
        onClosed: (reason) => context.onClosed(reason),
      },
      (sink) => connection.openShell(sink, signal),
    );
  },
});
