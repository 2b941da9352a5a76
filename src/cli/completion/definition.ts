import type { Command } from "commander";
import type { CliCommand, Io } from "../cli.ts";

const nowhere = { out() {}, err() {} };

/** A command as it defines itself, without running it; null where it does not tell. `words`: what is typed behind its name. */
export async function definitionOf(command: CliCommand, words: readonly string[]): Promise<Command | null> {
  let definition: Command | null = null;
  const io: Io = {
    ...nowhere,
    defined(given) {
      definition = given;
    },
  };
  try {
    if (command.define !== undefined) return await command.define(io);
    await command.run(words, io);
  } catch {
    // `parser` ends a command that has told its definition so.
  }
  return definition;
}
