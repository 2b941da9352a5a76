import { builtinDrivers } from "../../../drivers/index.ts";
import { type CliCommand, runCli } from "../../../src/cli/cli.ts";
import type { OnlineDeps } from "../../../src/cli/online/online.ts";
import { PIPE, type Terminal } from "../../../src/cli/online/terminal.ts";
import { wakefulClock } from "../../../src/core/clock.ts";
import { KEY } from "../../api/client.ts";
import { type ClientWorld, clientWorld } from "../../client/support/api.ts";
import { tempDir } from "../../support/tempdir.ts";

export interface Ran {
  code: number;
  out: string;
  err: string;
}

export interface RunOptions {
  /** Default: a pipe at each end, nothing in it. */
  terminal?: Partial<Terminal>;
  env?: Record<string, string>;
  /** What comes by stdin. */
  input?: string | Uint8Array;
}

/** A terminal with colours, 80 columns wide, whose user gives these answers. */
export function people(...answers: string[]): Partial<Terminal> {
  return { out: true, err: true, asks: true, color: true, ask: async () => answers.shift() ?? null };
}

export interface OnlineWorld extends ClientWorld {
  netpulse(argv: string[], options?: RunOptions): Promise<Ran>;
}

/** Commands against a real API over an engine in memory. */
export async function onlineWorld(
  commands: Record<string, (deps: () => OnlineDeps) => CliCommand["run"]>,
): Promise<OnlineWorld> {
  const world = await clientWorld();
  const home = tempDir("home");
  home.remove();
  const common = { HOME: home.path, NETPULSE_URL: world.way.url, NETPULSE_API_KEY: KEY };
  return {
    ...world,
    async netpulse(argv, { terminal = {}, env = {}, input = "" } = {}) {
      const said = { out: "", err: "" };
      const io = {
        out(text: string) {
          said.out += text;
        },
        err(text: string) {
          said.err += text;
        },
      };
      const deps = (): OnlineDeps => ({
        env: { ...common, ...env },
        terminal: { ...PIPE, read: async () => bytesOf(input), ...terminal },
        clock: wakefulClock,
        drivers: builtinDrivers,
      });
      const all = Object.entries(commands).map(([name, make]) => ({ name, summary: "", run: make(deps) }));
      return { code: await runCli(argv, all, io), ...said };
    },
  };
}

function bytesOf(input: string | Uint8Array): Uint8Array {
  return typeof input === "string" ? new TextEncoder().encode(input) : input;
}
