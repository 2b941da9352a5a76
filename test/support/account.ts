import { tmpdir } from "node:os";
import { join } from "node:path";
import { asRoot, isAlive, must, mustAsRoot, program, run } from "./process.ts";

/** A real user of this machine, made for one test. */
export interface Account {
  readonly name: string;
  readonly password: string;
  readonly home: string;
  /** Removes the user, its processes and its home folder. Idempotent. */
  remove(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface AccountOptions {
  /** Login shell; must be an executable file. Default `/bin/bash`. */
  shell?: string;
  /** Supplementary groups. */
  groups?: string[];
  password?: string;
}

/** Names carry the test process' id, so that what a killed run left behind can be told and removed. */
const PREFIX = "npt";
let made = 0;

/** A name for something machine-wide that {@link abandoned} recognises once this process is gone. */
export function uniqueName(): string {
  made += 1;
  return `${PREFIX}-${process.pid}-${made}`;
}

/** Of `names`, those made by {@link uniqueName} of a process that is no longer alive. */
export function abandoned(names: string[]): string[] {
  return names.filter((name) => {
    const [, pid] = name.match(/^npt-(\d+)-\d+$/) ?? [];
    return pid !== undefined && !isAlive(Number(pid));
  });
}

export async function createAccount(options: AccountOptions = {}): Promise<Account> {
  await sweepAccounts();
  const name = uniqueName();
  const password = options.password ?? `pw-${crypto.randomUUID()}`;
  const home = join(tmpdir(), `netpulse-home-${name}`);
  const groups = options.groups === undefined ? [] : ["-G", options.groups.join(",")];
  const shell = ["-s", options.shell ?? "/bin/bash"];
  await changeAccounts([
    program("useradd", "passwd"),
    "-m",
    "-k",
    "/dev/null",
    "-d",
    home,
    ...shell,
    ...groups,
    name,
  ]);
  await changeAccounts([program("chpasswd", "passwd"), "-c", "SHA512"], { stdin: `${name}:${password}\n` });
  const remove = () => removeAccount(name, home);
  return { name, password, home, remove, [Symbol.asyncDispose]: remove };
}

async function removeAccount(name: string, home: string): Promise<void> {
  if (!(await accounts()).some((account) => account.name === name)) return;
  // It fails when the user has no process left, which is as good.
  await run(asRoot([program("pkill", "procps"), "-KILL", "-u", name]));
  await changeAccounts([program("userdel", "passwd"), "-f", name], { alsoFine: NO_SUCH_USER });
  await mustAsRoot(["rm", "-rf", "--", home]);
}

/** Exit code of userdel when another sweep was faster. */
const NO_SUCH_USER = 6;

/** One change of the user database at a time, whatever number of test processes there are. */
async function changeAccounts(
  command: string[],
  { stdin = "", alsoFine = 0 }: { stdin?: string; alsoFine?: number } = {},
): Promise<void> {
  const lock = "/tmp/netpulse-test-accounts.lock";
  const { code, stderr } = await run(asRoot([program("flock", "util-linux"), lock, ...command]), { stdin });
  if (code !== 0 && code !== alsoFine) throw new Error(`${command.join(" ")}: exit code ${code}\n${stderr}`);
}

async function accounts(): Promise<{ name: string; home: string }[]> {
  const lines = (await must(["getent", "passwd"])).split("\n");
  return lines.map((line) => {
    const [name = "", , , , , home = ""] = line.split(":");
    return { name, home };
  });
}

/** Removes the users of test processes that were killed before they could. */
export async function sweepAccounts(): Promise<void> {
  const all = await accounts();
  const left = abandoned(all.map((account) => account.name));
  for (const { name, home } of all.filter((account) => left.includes(account.name))) {
    await removeAccount(name, home);
  }
}
