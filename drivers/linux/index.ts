import { defineDriver, type FieldError, type Operation } from "../../src/device/driver.ts";
import { redactor } from "../../src/device/redact.ts";
import { checkSshArgs, sshSecrets, sshTarget } from "../../src/device/ssh-args.ts";
import { connectSsh } from "../../src/device/transport/ssh.ts";
import { connectionArgs, DEFAULT_PORT, driverArgs } from "./args.ts";
import { LinuxSession } from "./session.ts";

/** Unix-like hosts over SSH: every command has its own exit status, and its errors apart. */
export const linuxDriver = defineDriver({
  name: "linux",
  aliases: ["paramiko"],
  summary: "Commands on Linux and other Unix-like hosts over SSH, with exit status",
  defaultQueue: "fifo",
  defaultPort: DEFAULT_PORT,
  operations: ["command"],
  connectionArgs,
  driverArgs,
  check: ({ connectionArgs, operation }) => [...checkSshArgs(connectionArgs), ...check(operation)],
  async connect(context) {
    const { args, clock } = context;
    const connection = await connectSsh(sshTarget(args, DEFAULT_PORT), context);
    connection.onEnd((reason) => context.onClosed(reason.message));
    return new LinuxSession(connection, clock, redactor(sshSecrets(args)));
  },
});

const MAX_COMMAND = 128 * 1024;

function check(operation: Operation): FieldError[] {
  if (operation.kind === "config") {
    return [{ loc: ["config"], msg: "the linux driver has no configuration mode; use command" }];
  }
  if (operation.commands.length === 0) {
    return [{ loc: ["command"], msg: "is empty: give at least one command" }];
  }
  return operation.commands.flatMap((command, index) => checkCommand(command, ["command", index]));
}

/** A shell takes several lines; only a NUL cannot be sent to it. */
function checkCommand(command: string, loc: (string | number)[]): FieldError[] {
  if (command.trim() === "") return [{ loc, msg: "is empty" }];
  if (command.includes("\0")) return [{ loc, msg: "holds a NUL character" }];
  if (command.length > MAX_COMMAND) return [{ loc, msg: `is longer than ${MAX_COMMAND} characters` }];
  return [];
}
