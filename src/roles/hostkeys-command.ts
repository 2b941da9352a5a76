import { type CliCommand, EXIT_FAILURE, InvalidArgumentError, type Io, parser } from "../cli/cli.ts";
import { addConfigOptions, type ConfigOptions, loadFromOptions } from "../cli/config-options.ts";
import { type Column, screenOf, withFormatOptions } from "../cli/listing.ts";
import type { FormatOptions } from "../cli/online/format.ts";
import type { Config } from "../config/schema.ts";
import { canonicalHost, type DeviceAddress, deviceName, parseDeviceName } from "../core/device.ts";
import type { HostKeyStore, KnownHostKey } from "../storage/host-keys.ts";
import { openStorage } from "../storage/open.ts";
import { noteLocally } from "./local-audit.ts";
import { storageOptions } from "./storage-options.ts";

const SSH_PORT = 22;

const PAGE = 1000;

/** `netpulse hostkeys ls`, `forget DEVICE`: work on the store itself, whether `serve` runs or not. */
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
  addConfigOptions(withFormatOptions(command.command("ls").alias("list")))
    .description("list the known keys of devices and jump hosts")
    .action(async (options: ConfigOptions & FormatOptions) => {
      const screen = screenOf(io, options);
      screen.list(await known(loadFromOptions(options).config), columns, "no host key is known");
    });
  await command.parseAsync([...argv], { from: "user" });
  return code;
};

async function known(config: Config) {
  const storage = await openStorage(storageOptions(config));
  try {
    await storage.migrate();
    return (await allKeys(storage)).map(toJson);
  } finally {
    await storage.close();
  }
}

async function allKeys(storage: HostKeyStore): Promise<KnownHostKey[]> {
  const all: KnownHostKey[] = [];
  let after: string | null = null;
  do {
    const page = await storage.listHostKeys({ filter: {}, limit: PAGE, ...(after !== null && { after }) });
    all.push(...page.keys);
    after = page.next;
  } while (after !== null);
  return all;
}

/** As `GET /hostkeys` has it. */
function toJson({ firstSeen, ...key }: KnownHostKey) {
  return { ...key, first_seen: new Date(firstSeen).toISOString() };
}

const columns: Column<ReturnType<typeof toJson>>[] = [
  { name: "device", of: deviceName },
  { name: "algorithm", of: ({ algorithm }) => algorithm },
  { name: "fingerprint", of: ({ fingerprint }) => fingerprint },
  { name: "first_seen", of: ({ first_seen }) => first_seen },
];

async function forget(address: DeviceAddress, config: Config, io: Io): Promise<number> {
  const storage = await openStorage(storageOptions(config));
  try {
    await storage.migrate();
    const forgotten = (await storage.forgetHostKey(address)) === "forgotten";
    if (forgotten) {
      const { host, site, port } = address;
      await noteLocally(storage, "forget_host_key", { host, site, detail: `port ${port}` });
      io.out(`forgot the host key of ${deviceName(address)}\n`);
    } else io.err(`netpulse: no host key of ${deviceName(address)} is known\n`);
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
