import { defineDriver } from "../../src/device/driver.ts";
import { redactor } from "../../src/device/redact.ts";
import { checkSshArgs, sshSecrets, sshTarget } from "../../src/device/ssh-args.ts";
import { connectSsh } from "../../src/device/transport/ssh.ts";
import { connectionArgs, DEFAULT_PORT, driverArgs } from "./args.ts";
import { checkDriverArgs, checkOperation } from "./check.ts";
import { LinuxSession } from "./session.ts";

/** Unix-like hosts over SSH: every command has its own exit status, and its errors apart. */
export const linuxDriver = defineDriver({
  name: "linux",
  aliases: ["paramiko"],
  summary: "Commands on Linux and other Unix-like hosts over SSH, with exit status",
  defaultQueue: "fifo",
  defaultPort: DEFAULT_PORT,
  operations: ["command", "config", "file_transfer"],
  connectionArgs,
  driverArgs,
  check: ({ connectionArgs, driverArgs, operation }) => [
    ...checkSshArgs(connectionArgs),
    ...checkOperation(operation),
    ...checkDriverArgs(driverArgs, operation),
  ],
  async connect(context) {
    const { args, clock } = context;
    const connection = await connectSsh(sshTarget(args, DEFAULT_PORT), context);
    connection.onEnd((reason) => context.onClosed(reason.message));
    return new LinuxSession({ connection, clock, redactor: redactor(sshSecrets(args)) });
  },
});
