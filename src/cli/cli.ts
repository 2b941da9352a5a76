import { Command, CommanderError } from "commander";
import { StartupError } from "../core/errors.ts";
import { maskText } from "../core/mask.ts";
import { COMMIT, VERSION } from "../observe/version.ts";

export { InvalidArgumentError } from "commander";

/** Where a command's words go. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  /** Takes a command's definition. There, nothing is parsed and nothing is done: it is asked for by completion. */
  defined?(command: Command): void;
}

/** A role or a command of `netpulse`, chosen by the first argument. */
export interface CliCommand {
  name: string;
  /** One line for `netpulse --help`. */
  summary: string;
  /** What it stands under in `--help`. */
  group?: string;
  /** Left out of `--help`: for the program's own use. */
  hidden?: boolean;
  /** Gets what follows its name; answers with the exit code. */
  run(argv: readonly string[], io: Io): Promise<number>;
  /** Its definition, where `parser` does not make it. */
  define?(io: Io): Promise<Command>;
}

/** Exit codes: what the user gave was wrong, or something failed. */
export const EXIT_USAGE = 2;
export const EXIT_FAILURE = 1;

const EXAMPLES = `
Examples:
  netpulse serve                                                  the service on this machine
  netpulse exec 192.0.2.1 "show version" -t cisco_ios -u admin    a command on a device
  netpulse bulk devices.csv "show version" --csv > versions.csv   the same on many
  netpulse top                                                    what it does just now

netpulse COMMAND --help says more of each, with examples.`;

/** As of a program that a signal ends because nobody reads its output any more (`| head`). */
export const EXIT_UNREAD = 141;

const processIo: Io = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
};

/** Whether a command's words go to this process's own output, which may be a terminal. */
export function isProcessIo(io: Io): boolean {
  return io === processIo;
}

/**
 * Runs the command that `argv` (without the program's own name) begins with and answers with the exit
 * code: the command's own, 2 for wrong usage or a `StartupError`, 1 for anything else that failed.
 */
export async function runCli(
  argv: readonly string[],
  commands: readonly CliCommand[],
  io: Io = processIo,
): Promise<number> {
  let code = 0;
  if (isProcessIo(io)) endUnread();
  const [first, name, ...rest] = argv;
  if (first === "help" && commands.some((command) => command.name === name))
    return await runCli([name ?? "", ...rest, "--help"], commands, io);
  const program = parser({ name: "netpulse", summary: "Network device automation over HTTP." }, io)
    .version(
      `${VERSION} (${COMMIT ?? "from source"})`,
      "-V, --version",
      "print the version and what it was built from",
    )
    .enablePositionalOptions()
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .addHelpText("after", EXAMPLES);
  for (const command of commands) {
    program
      .command(command.name, { hidden: command.hidden ?? false })
      .helpGroup(`${command.group ?? "Commands"}:`)
      .description(command.summary)
      .argument("[arguments...]")
      .helpOption(false)
      .allowUnknownOption()
      .passThroughOptions()
      .action(async (rest: string[]) => {
        code = await command.run(rest, io);
      });
  }
  try {
    await program.parseAsync([...argv], { from: "user" });
  } catch (error) {
    return exitCode(error, io);
  }
  return code;
}

function endUnread(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // EIO: the terminal is gone.
    if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
    process.exit(EXIT_UNREAD);
  });
}

/** A commander parser that talks through `io` and throws instead of ending the process. */
export function parser({ name, summary }: { name: string; summary: string }, io: Io): Command {
  const command = io.defined === undefined ? new Command(name) : new Definition(name, io.defined);
  return command
    .description(summary)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out(text),
      writeErr: (text) => io.err(text),
      outputError: (text, write) => write(text.replace(/^error: /, "netpulse: ")),
    })
    .showHelpAfterError(`(${name} --help says more)`);
}

/** Tells what it is instead of parsing, and ends the command that would go on with what was parsed. */
class Definition extends Command {
  readonly #tell: (command: Command) => void;

  constructor(name: string, tell: (command: Command) => void) {
    super(name);
    this.#tell = tell;
  }

  override async parseAsync(): Promise<never> {
    this.#tell(this);
    throw new CommanderError(0, "netpulse.defined", "defined");
  }
}

function exitCode(error: unknown, io: Io): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  if (error instanceof StartupError) {
    io.err(`netpulse: ${error.message}\n`);
    return EXIT_USAGE;
  }
  io.err(`netpulse: ${maskText(error instanceof Error ? error.message : String(error))}\n`);
  return EXIT_FAILURE;
}
