import { type CliCommand, EXIT_FAILURE, InvalidArgumentError, type Io, parser } from "../cli/cli.ts";
import { addConfigOptions, type ConfigOptions, loadFromOptions } from "../cli/config-options.ts";
import type { Config } from "../config/schema.ts";
import { canonicalHost, type DeviceAddress, deviceName, parseDeviceName } from "../core/device.ts";
import { openStorage } from "../storage/open.ts";
import { storageOptions } from "./storage-options.ts";

const SSH_PORT = 22;

/** `netpulse hostkeys forget DEVICE`: works on the store itself, whether `serve` runs or not. */
export const hostkeysCommand: CliCommand["run"] = async (argv, io) => {
  const command = parser(
    { name: "netpulse hostkeys", summary: "What is known of devices' SSH host keys." },
    io,
  );
  let code = 0;
  addConfigOptions(command.command("forget"))
    .description("forget a device's key, after the device was replaced: its next key is taken as its first")
    .argument("<device>", "[site/]host[:port], as in the error message; the port is 22 when absent", device)
    .action(async (address: DeviceAddress, options: ConfigOptions) => {
      code = await forget(address, loadFromOptions(options).config, io);
    });
  await command.parseAsync([...argv], { from: "user" });
  return code;
};

async function forget(address: DeviceAddress, config: Config, io: Io): Promise<number> {
  const storage = await openStorage(storageOptions(config));
  try {
    await storage.migrate();
    const forgotten = (await storage.forgetHostKey(address)) === "forgotten";
    if (forgotten) io.out(`forgot the host key of ${deviceName(address)}\n`);
    else io.err(`netpulse: no host key of ${deviceName(address)} is known\n`);
    return forgotten ? 0 : EXIT_FAILURE;
  } finally {
    await storage.close();
  }
}

function device(text: string): DeviceAddress {
  const { host, port, site } = parseDeviceName(text);
  const canonical = canonicalHost(host);
  if (canonical === null || Number.isNaN(port)) {
    throw new InvalidArgumentError("Give it as [site/]host[:port].");
  }
  return { host: canonical, port: port ?? SSH_PORT, site };
}
