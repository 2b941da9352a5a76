import type { Command } from "commander";
import { Netpulse } from "../../client/index.ts";
import { type Environment, processEnvironment } from "../../config/environment.ts";
import { findLogin } from "../../config/login.ts";
import type { Scope } from "../../core/access.ts";
import { type Clock, wakefulClock } from "../../core/clock.ts";
import type { CliCommand, Io } from "../cli.ts";
import { parser } from "../cli.ts";
import type { DriverHint } from "./drivers.ts";
import { EXIT, failureOf, usage } from "./exit.ts";
import { type FormatOptions, formatOf } from "./format.ts";
import { Screen } from "./screen.ts";
import { systemTerminal, type Terminal } from "./terminal.ts";
import { harmless } from "./text.ts";

/** What the commands over HTTP stand on. */
export interface OnlineDeps {
  env: Environment;
  terminal: Terminal;
  clock: Clock;
  /** What is known here of the drivers; the API has the last word. */
  drivers: readonly DriverHint[];
}

export function onlineDeps(drivers: readonly DriverHint[] = []): OnlineDeps {
  const env = processEnvironment();
  return { env, terminal: systemTerminal(env), clock: wakefulClock, drivers };
}

/** Options of every command over HTTP. */
export interface OnlineOptions extends FormatOptions {
  url?: string;
}

/** What a command has to work with. */
export interface Work extends OnlineDeps {
  io: Io;
  client: Netpulse;
  screen: Screen;
}

/** Runs what a command does, and tells what comes of it; the exit code is kept. */
export type Act = (options: OnlineOptions, work: (work: Work) => Promise<number>) => Promise<void>;

/** A command over HTTP: `define` says its options, and what it does by `act`. */
export function online(
  title: { name: string; summary: string; help?: string },
  deps: () => OnlineDeps,
  define: (command: Command, act: Act) => void,
): CliCommand["run"] {
  return async (argv, io) => {
    let code: number = EXIT.done;
    const command = parser(title, io);
    define(command, async (options, work) => {
      code = await perform(deps(), io, options, work);
    });
    if (title.help !== undefined) command.addHelpText("after", `\n${title.help}`);
    await command.parseAsync([...argv], { from: "user" });
    return code;
  };
}

export function withOnlineOptions(command: Command): Command {
  return command
    .option(
      "--url <url>",
      "where the API is (else NETPULSE_URL, the kept login, or the server of this folder)",
    )
    .option("--json", "print JSON, as the API has it")
    .option("--csv", "print CSV");
}

async function perform(
  deps: OnlineDeps,
  io: Io,
  options: OnlineOptions,
  work: (work: Work) => Promise<number>,
): Promise<number> {
  const { url, apiKey } = findLogin(options.url, deps.env);
  try {
    const screen = new Screen(io, deps.terminal, formatOf(options));
    return await work({ ...deps, io, screen, client: clientOf(url, apiKey, deps.clock) });
  } catch (error) {
    const failure = failureOf(error, url);
    if (failure === null) throw error;
    io.err(`netpulse: ${failure.lines.map(harmless).join("\n")}\n`);
    return failure.code;
  }
}

/** For whoever has no options to say where the API is. */
export function clientFor({ env, clock }: OnlineDeps): Netpulse {
  const { url, apiKey } = findLogin(undefined, env);
  return clientOf(url, apiKey, clock);
}

/** `scopes`: the only ones of the key that it uses. */
export function clientOf(
  url: string,
  apiKey: string | null,
  clock: Clock,
  scopes?: readonly Scope[],
): Netpulse {
  try {
    return new Netpulse({ url, apiKey: apiKey ?? undefined, clock, ...(scopes && { scopes }) });
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}
