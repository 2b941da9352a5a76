import type { LinuxDriverArgs } from "../../../drivers/linux/args.ts";
import { linuxDriver } from "../../../drivers/linux/index.ts";
import type { ConnectContext, DeviceSession } from "../../../src/device/driver.ts";
import type { Account } from "../../support/account.ts";
import { run as runProcess } from "../../support/process.ts";
import { context } from "../support.ts";

type Args = Parameters<typeof linuxDriver.connect>[0]["args"];

/** A session with a server of a test. */
export function connectTo(
  server: { host: string; port: number; account: Account },
  more: Partial<ConnectContext<Args>> = {},
): Promise<DeviceSession<LinuxDriverArgs>> {
  const { host, port, account } = server;
  const { name: username, password } = account;
  return linuxDriver.connect(context<Args>({ host, port, username, password }, more));
}

export const commands = (...lines: string[]) => ({ kind: "command" as const, commands: lines });

/** Processes of the machine whose command line holds `marker`. */
export async function processes(marker: string): Promise<string[]> {
  const { stdout } = await runProcess(["ps", "-e", "-o", "args="]);
  return stdout.split("\n").filter((line) => line.includes(marker));
}
