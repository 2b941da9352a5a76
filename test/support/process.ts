import { existsSync } from "node:fs";

import { type Child, type ChildOptions, startChild as start } from "../../scripts/lib/child.ts";

export type { Child, ChildOptions, Exit, WaitOptions } from "../../scripts/lib/child.ts";

/** Starts a process that is killed should this one be, so that no killed test run leaves it behind. */
export function startChild(command: string[], options: ChildOptions = {}): Child {
  return start([program("setpriv", "util-linux"), "--pdeathsig", "KILL", ...command], options);
}

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  stdin?: string | Uint8Array;
  env?: Record<string, string>;
  cwd?: string;
  /** Milliseconds before the command is killed and the run rejected. Default 30,000. */
  deadline?: number;
}

/** Runs a command to its end, whatever its exit code. Rejects when it cannot start or takes too long. */
export async function run(command: string[], options: RunOptions = {}): Promise<Ran> {
  const deadline = options.deadline ?? 30_000;
  const child = Bun.spawn(command, {
    stdin: Buffer.from(options.stdin ?? ""),
    stdout: "pipe",
    stderr: "pipe",
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    timeout: deadline,
    killSignal: "SIGKILL",
  });
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (child.signalCode === "SIGKILL")
    throw new Error(`${command.join(" ")}: killed after ${deadline} ms\n${stderr}`);
  return { code, stdout, stderr };
}

/** Like {@link run}, but an exit code other than 0 rejects with what the command said. */
export async function must(command: string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await run(command, options);
  if (code !== 0) throw new Error(`${command.join(" ")}: exit code ${code}\n${stderr}${stdout}`);
  return stdout;
}

/** {@link must} as root: directly, or by a `sudo` that asks for no password. */
export function mustAsRoot(command: string[], options: RunOptions = {}): Promise<string> {
  return must(asRoot(command), options);
}

/** The command line that runs `command` as root. `sudo` passes SIGTERM and SIGINT on to it. */
export function asRoot(command: string[]): string[] {
  if (process.getuid?.() === 0) return command;
  if (Bun.which("sudo") === null) {
    throw new Error(`${command[0]} must run as root: run the tests as root, or install sudo`);
  }
  return ["sudo", "-n", ...command];
}

export function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}

/** A program the tests need, by its path; `which` of PATH leaves the sbin folders out. */
export function program(name: string, debianPackage: string): string {
  const found = Bun.which(name, { PATH: `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin:/usr/lib/frr` });
  if (found === null) {
    throw new Error(`${name} is missing: apt-get install ${debianPackage} (bin/test does it)`);
  }
  return found;
}
