import { type Account, createAccount } from "./account.ts";
import { abandonedNamespaces, inNamespace, ip, makeNamespace, removeNamespace } from "./namespaces.ts";
import { must, mustAsRoot, program } from "./process.ts";
import { type TempDir, tempDir } from "./tempdir.ts";

export interface Frr {
  /** Name of its network namespace and FRR pathspace. */
  readonly name: string;
  readonly hostname: string;
  /** Whoever logs in with it stands on the router's command line, already privileged. */
  readonly account: Account;
  /** Runs commands on the router beside any session, one after another, and answers what it printed. */
  vtysh(...commands: string[]): Promise<string>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface FrrOptions {
  /** Default `frr1`. */
  hostname?: string;
}

const DAEMONS = ["zebra", "staticd", "bgpd"];
/** The router's only network: `eth0` with this address; a neighbour on the wire is 10.255.0.2. */
const ADDRESS = "10.255.0.1/24";

/**
 * A real FRRouting router in a network namespace of its own: a zebra beside the machine's own routes
 * would sweep them. Only its command line comes out, over unix sockets, to whoever logs in with `account`
 * on a `startSshd({ accounts: [frr.account] })`.
 */
export async function startFrr(options: FrrOptions = {}): Promise<Frr> {
  await sweepRouters();
  const name = await makeNamespace();
  const hostname = options.hostname ?? "frr1";
  const folder = tempDir("frr", 0o755);
  let account: Account | undefined;
  const stop = async () => {
    await account?.remove();
    await removeRouter(name);
    folder.remove();
  };
  try {
    await makeNetwork(name);
    await makeConfigFolder(name, hostname, folder);
    for (const daemon of DAEMONS) await startDaemon(name, daemon);
    account = await createAccount({ shell: await writeLoginShell(name, folder), groups: ["frrvty", "frr"] });
    return {
      name,
      hostname,
      account,
      vtysh: (...commands) => vtysh(name, commands),
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function makeNetwork(name: string): Promise<void> {
  await ip("-n", name, "link", "add", "eth0", "type", "veth", "peer", "name", "wire");
  await ip("-n", name, "address", "add", ADDRESS, "dev", "eth0");
  for (const end of ["eth0", "wire"]) await ip("-n", name, "link", "set", end, "up");
}

/** Group-writable, so that `write memory` of a user in group frr can save. */
async function makeConfigFolder(name: string, hostname: string, folder: TempDir): Promise<void> {
  await mustAsRoot(["install", "-d", "-o", "frr", "-g", "frr", "-m", "2775", `/etc/frr/${name}`]);
  const vtyshConf = folder.file("vtysh.conf");
  await Bun.write(vtyshConf, `hostname ${hostname}\nservice integrated-vtysh-config\n`);
  await mustAsRoot([
    "install",
    "-o",
    "frr",
    "-g",
    "frrvty",
    "-m",
    "0644",
    vtyshConf,
    `/etc/frr/${name}/vtysh.conf`,
  ]);
}

/** Returns when the daemon has gone to the background, which it does once its sockets are there. */
async function startDaemon(name: string, daemon: string): Promise<void> {
  const options = [
    "-d",
    "-N",
    name,
    "-A",
    "127.0.0.1",
    "-P",
    "0",
    "-u",
    "frr",
    "-g",
    "frr",
    "-f",
    "/dev/null",
  ];
  await mustAsRoot(inNamespace(name, [program(daemon, "frr"), ...options]));
}

async function writeLoginShell(name: string, folder: TempDir): Promise<string> {
  const path = folder.file("shell");
  await Bun.write(path, `#!/bin/sh\nexec ${program("vtysh", "frr")} -N ${name} "$@"\n`);
  await must(["chmod", "0755", path]);
  return path;
}

function vtysh(name: string, commands: string[]): Promise<string> {
  return mustAsRoot([program("vtysh", "frr"), "-N", name, ...commands.flatMap((line) => ["-c", line])]);
}

/** Removes what {@link startFrr} made; what runs in its namespace ends with it. */
async function removeRouter(name: string): Promise<void> {
  await removeNamespace(name);
  await mustAsRoot(["rm", "-rf", "--", `/etc/frr/${name}`, `/run/frr/${name}`, `/var/run/frr/${name}`]);
}

/** Removes the routers of test processes that were killed before they could. */
export async function sweepRouters(): Promise<void> {
  for (const name of await abandonedNamespaces()) await removeRouter(name);
}
