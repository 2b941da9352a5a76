import { resolve } from "node:path";
import { descendants } from "../e2e/support/processes.ts";
import type { Machine } from "../support/network.ts";
import { type Child, startChild } from "../support/process.ts";

const MAIN = resolve(import.meta.dir, "../../src/main.ts");
/** How soon a program that could not start, as without its store, is started anew, and until when. */
const AGAIN_MS = 200;
const PATIENCE_MS = 60_000;

export interface ProgramOptions {
  name: string;
  role: "api" | "node";
  machine: Machine;
  env: Record<string, string>;
  /** What it prints when it is ready. */
  ready: RegExp;
  /** What to start instead of the product's own main file. */
  main?: string | undefined;
  log(name: string, text: string): void;
}

/** A process of the product on a machine of its own, with somebody who starts it again. */
export class Program {
  readonly name: string;
  readonly machine: Machine;
  readonly #options: ProgramOptions;
  #child: Child | null = null;
  #wanted = false;

  constructor(options: ProgramOptions) {
    this.name = options.name;
    this.machine = options.machine;
    this.#options = options;
  }

  /** Resolves when it is ready, however often it must be started for that. */
  async start(): Promise<void> {
    this.#wanted = true;
    const until = performance.now() + PATIENCE_MS;
    while (this.#wanted) {
      const child = this.#launch();
      this.#child = child;
      try {
        await child.waitFor(this.#options.ready, { deadline: PATIENCE_MS });
        return;
      } catch (error) {
        // Not there any more: that may pass. One that hangs, or never can start, is for the caller to know.
        const hangs = (await Promise.race([child.exited, Bun.sleep(0)])) === undefined;
        if (hangs || performance.now() > until) throw error;
        await Bun.sleep(AGAIN_MS);
      }
    }
  }

  async kill(): Promise<void> {
    this.#wanted = false;
    this.#child?.kill("SIGKILL");
    await this.#child?.exited;
  }

  /** By SIGTERM; whoever has not ended in time is killed. */
  async stop(grace: number): Promise<void> {
    this.#wanted = false;
    await this.#child?.stop(grace);
  }

  /** Its session hosts, where it has any. */
  hosts(): Promise<number[]> {
    return this.#child === null ? Promise.resolve([]) : descendants(this.#child.pid);
  }

  /** Stops it by a signal in the middle of whatever it does; answers who was stopped. */
  async freeze(withHosts: boolean): Promise<number[]> {
    const pids = [this.#child?.pid ?? 0, ...(withHosts ? await this.hosts() : [])];
    return pids.filter((pid) => signal(pid, "SIGSTOP"));
  }

  #launch(): Child {
    const { name, role, machine, env, main = MAIN, log } = this.#options;
    const command = [process.execPath, "--no-env-file", main, role];
    return startChild(machine.command(command), { env, onStderr: (text) => log(name, text) });
  }
}

/** Whether there was somebody to hear it. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  if (pid <= 1) return false;
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}
