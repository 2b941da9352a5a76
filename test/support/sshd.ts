import { readdirSync } from "node:fs";
import { type Account, abandoned, createAccount } from "./account.ts";
import { freePort } from "./ports.ts";
import { asRoot, type Child, must, mustAsRoot, program, run, startChild } from "./process.ts";
import { type TempDir, tempDir } from "./tempdir.ts";

export interface SshdOptions {
  /** Users that may log in beside {@link Sshd.account}. They stay the caller's to remove. */
  accounts?: Account[];
  /** The only key exchanges offered, e.g. `["diffie-hellman-group14-sha256"]`. */
  kex?: string[];
  /** Sessions per connection; 1 refuses a second channel. */
  maxSessions?: number;
  /** Runs this for every session, whatever the client asked for. */
  forceCommand?: string;
  /** `false`: it has no files to give. */
  sftp?: boolean;
  /** Types of host keys to make. Default `["ed25519"]`. */
  hostKeys?: ("ed25519" | "ecdsa" | "rsa")[];
  /** Authentication methods, as in sshd_config. Default password and public key. */
  authentication?: ("password" | "publickey" | "keyboard-interactive")[];
  /** More lines of sshd_config. */
  config?: string[];
  /** Address to listen on. Default 127.0.0.1. */
  host?: "127.0.0.1" | "::1";
  /** Lines of a PAM service of its own, which asks what keyboard-interactive asks. `{folder}` is the server's. */
  pam?: string[];
}

/** One line of sshd's own log that tests care about. `port` is the client's: it tells connections apart. */
export interface SshdEvent {
  kind: "connection" | "accepted" | "refused" | "session" | "disconnected";
  user: string | null;
  port: number;
  text: string;
}

export interface Sshd {
  readonly host: "127.0.0.1" | "::1";
  readonly port: number;
  /** A user with a Linux shell, made for this server. */
  readonly account: Account;
  /** Of the first host key, as `ssh-keygen -l` prints it: `SHA256:…`. */
  readonly hostKeyFingerprint: string;
  /** Its own, with its config. */
  readonly folder: string;
  /** What it has logged. */
  log(): string;
  /** What happened so far, oldest first. */
  events(): SshdEvent[];
  /** How often something happened, e.g. `count("connection")` to see that a session was used again. */
  count(kind: SshdEvent["kind"]): number;
  /** Resolves when a line of the log matches. */
  waitForLog(pattern: RegExp, deadline?: number): Promise<void>;
  /** Lets the holder of an OpenSSH public key log in as `account`. */
  authorize(account: Account, publicKey: string): Promise<void>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A real OpenSSH server on a free port of this machine, with its own config, host keys and log. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const sshd = program("sshd", "openssh-server");
  await sweepServers();
  const account = await createAccount();
  const folder = tempDir(`sshd-${account.name}`, 0o755);
  const host = options.host ?? "127.0.0.1";
  try {
    // sshd refuses to start without its privilege separation folder, which only a system service makes.
    await mustAsRoot(["mkdir", "-p", "-m", "0755", "/run/sshd"]);
    const keys = await makeHostKeys(folder, options.hostKeys ?? ["ed25519"]);
    const command = await withPam(sshd, folder, account, options.pam);
    const { child, port } = await listen(command, host, folder, [
      ...keys.map((key) => `HostKey ${key}`),
      ...configLines(folder, account, options),
    ]);
    return await handle({ child, host, port, account, folder, keys });
  } catch (error) {
    await removePam(account.name);
    await account.remove();
    folder.remove();
    throw error;
  }
}

function configLines(folder: TempDir, account: Account, options: SshdOptions): string[] {
  const users = [account, ...(options.accounts ?? [])].map((each) => each.name);
  const methods = options.authentication ?? ["password", "publickey"];
  const allowed = (method: (typeof methods)[number]) => (methods.includes(method) ? "yes" : "no");
  return [
    // First, as sshd keeps the first value it reads of each option.
    ...(options.config ?? []),
    `AllowUsers ${users.join(" ")}`,
    `PasswordAuthentication ${allowed("password")}`,
    `PubkeyAuthentication ${allowed("publickey")}`,
    `KbdInteractiveAuthentication ${allowed("keyboard-interactive")}`,
    // Without PAM there is nobody to ask the questions of keyboard-interactive.
    `UsePAM ${allowed("keyboard-interactive")}`,
    `AuthorizedKeysFile ${folder.file("authorized")}/%u`,
    "StrictModes no",
    "LogLevel VERBOSE",
    `PidFile ${folder.file("pid")}`,
    "UseDNS no",
    "PrintMotd no",
    "PrintLastLog no",
    "MaxStartups 1000",
    `MaxSessions ${options.maxSessions ?? 100}`,
    ...(options.sftp === false ? [] : ["Subsystem sftp internal-sftp"]),
    ...(options.kex === undefined ? [] : [`KexAlgorithms ${options.kex.join(",")}`]),
    ...(options.forceCommand === undefined ? [] : [`ForceCommand ${options.forceCommand}`]),
  ];
}

async function makeHostKeys(folder: TempDir, types: string[]): Promise<string[]> {
  const keygen = program("ssh-keygen", "openssh-client");
  const paths = types.map((type) => folder.file(`host_${type}`));
  await Promise.all(
    types.map((type) => must([keygen, "-q", "-t", type, "-N", "", "-f", folder.file(`host_${type}`)])),
  );
  return paths;
}

/** sshd cannot be asked for "any port", so a port that was taken in the meantime means another try. */
async function listen(
  sshd: string,
  host: string,
  folder: TempDir,
  lines: string[],
): Promise<{ child: Child; port: number }> {
  const config = folder.file("sshd_config");
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const address = host.includes(":") ? `[${host}]` : host;
    await Bun.write(config, [`ListenAddress ${address}:${port}`, ...lines, ""].join("\n"));
    const child = startChild(asRoot([sshd, "-D", "-e", "-f", config]));
    try {
      await child.waitFor(/Server listening on /);
      return { child, port };
    } catch (error) {
      if (attempt === 5 || !child.output().includes("Address already in use")) throw error;
    }
  }
}

/** Ends the listener and every connection it still serves, whoever they run as. */
async function endSshd(child: Child, folder: TempDir): Promise<void> {
  const pidFile = Bun.file(folder.file("pid"));
  const listener = (await pidFile.exists()) ? (await pidFile.text()).trim() : String(child.pid);
  const { stdout: connections } = await run(["ps", "-o", "pid=", "--ppid", listener]);
  const pids = [listener, ...connections.split("\n")].map((pid) => pid.trim()).filter((pid) => pid !== "");
  // A connection that ended meanwhile makes kill complain; what counts is that the listener exits.
  await run(asRoot(["kill", "-TERM", ...pids]));
  await child.exited;
}

interface Running {
  child: Child;
  host: Sshd["host"];
  port: number;
  account: Account;
  folder: TempDir;
  keys: string[];
}

async function handle({ child, host, port, account, folder, keys }: Running): Promise<Sshd> {
  const [, hostKeyFingerprint = ""] =
    (await must(["ssh-keygen", "-l", "-f", `${keys[0]}.pub`])).match(/(SHA256:\S+)/) ?? [];
  const events = () => child.output().split("\n").flatMap(parseLine);
  let stopped: Promise<void> | undefined;
  const end = async () => {
    await endSshd(child, folder);
    await removePam(account.name);
    await account.remove();
    folder.remove();
  };
  const stop = () => {
    stopped ??= end();
    return stopped;
  };
  return {
    host,
    port,
    account,
    hostKeyFingerprint,
    folder: folder.path,
    log: () => child.output(),
    events,
    count: (kind) => events().filter((event) => event.kind === kind).length,
    waitForLog: async (pattern, deadline = 15_000) => void (await child.waitFor(pattern, { deadline })),
    async authorize(who, publicKey) {
      await Bun.write(`${folder.file("authorized")}/${who.name}`, `${publicKey.trim()}\n`);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

const PAM_SERVICES = "/etc/pam.d";

/** OpenSSH takes the PAM service that is named as its own program is: a link to it has another one. */
async function withPam(
  sshd: string,
  folder: TempDir,
  { name }: Account,
  lines: string[] | undefined,
): Promise<string> {
  if (lines === undefined) return sshd;
  const link = folder.file(name);
  await must(["ln", "-s", sshd, link]);
  const text = `${lines.join("\n").replaceAll("{folder}", folder.path)}\n`;
  await mustAsRoot(["tee", `${PAM_SERVICES}/${name}`], { stdin: text });
  return link;
}

function removePam(name: string): Promise<string> {
  return mustAsRoot(["rm", "-f", `${PAM_SERVICES}/${name}`]);
}

/** Ends the servers of test processes that were killed before they could; `sudo` does not die with us. */
async function sweepServers(): Promise<void> {
  const { stdout } = await run(["ps", "-e", "-o", "pid=,args="]);
  const servers = [...stdout.matchAll(/^ *(\d+) .* -D -e -f \S*netpulse-sshd-(npt-\d+-\d+)-/gm)];
  const left = servers.filter(([, , name = ""]) => abandoned([name]).length > 0).map(([, pid = ""]) => pid);
  if (left.length > 0) await run(asRoot(["kill", "-TERM", ...left]));
  for (const name of abandoned(readdirSync(PAM_SERVICES))) await removePam(name);
}

const LINES: [SshdEvent["kind"], RegExp][] = [
  ["connection", /^Connection from \S+ port (?<port>\d+)/],
  ["accepted", /^Accepted \S+ for (?<user>\S+) from \S+ port (?<port>\d+)/],
  ["refused", /^Failed \S+ for (?:invalid user )?(?<user>\S+) from \S+ port (?<port>\d+)/],
  ["session", /^Starting session: .* for (?<user>\S+) from \S+ port (?<port>\d+)/],
  ["disconnected", /^Disconnected from (?:\w+ )*user (?<user>\S+) \S+ port (?<port>\d+)/],
];

function parseLine(line: string): SshdEvent[] {
  const text = line.trimEnd();
  for (const [kind, pattern] of LINES) {
    const groups = text.match(pattern)?.groups;
    if (groups !== undefined) return [{ kind, user: groups.user ?? null, port: Number(groups.port), text }];
  }
  return [];
}
