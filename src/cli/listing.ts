import type { Command } from "commander";
import { processEnvironment } from "../config/environment.ts";
import { type Io, isProcessIo } from "./cli.ts";
import { type FormatOptions, formatOf } from "./online/format.ts";
import { Screen } from "./online/screen.ts";
import { PIPE, systemTerminal } from "./online/terminal.ts";

export type { Column } from "./online/table-lines.ts";

/** How a command says what it lists: as those over HTTP do. */
export function withFormatOptions(command: Command): Command {
  return command.option("--json", "print JSON").option("--csv", "print CSV");
}

/** Where that goes. */
export function screenOf(io: Io, options: FormatOptions): Screen {
  return new Screen(io, isProcessIo(io) ? systemTerminal(processEnvironment()) : PIPE, formatOf(options));
}
