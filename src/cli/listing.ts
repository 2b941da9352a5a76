import type { Command } from "commander";
import { processEnvironment } from "../config/environment.ts";
import { systemClock } from "../core/clock.ts";
import { type Io, isProcessIo } from "./cli.ts";
import { type FormatOptions, formatOf } from "./online/format.ts";
import { Screen } from "./online/screen.ts";
import { PIPE, systemTerminal } from "./online/terminal.ts";
import { showWaiting } from "./online/waiting.ts";

export type { Column } from "./online/table-lines.ts";

/** How a command says what it lists: as those over HTTP do. */
export function withFormatOptions(command: Command): Command {
  return command.option("--json", "print JSON").option("--csv", "print CSV");
}

/** Where that goes. */
export function screenOf(io: Io, options: FormatOptions): Screen {
  return new Screen(io, terminalOf(io), formatOf(options));
}

function terminalOf(io: Io) {
  return isProcessIo(io) ? systemTerminal(processEnvironment()) : PIPE;
}

/** Tells people what is being done, and for how long already. */
export async function whileWaiting<T>(io: Io, text: string, done: Promise<T>): Promise<T> {
  return await showWaiting({ io, terminal: terminalOf(io), clock: systemClock }, { text }, done);
}
