import type { Argument, Command, Option } from "commander";
import type { CliCommand } from "../cli.ts";
import { definitionOf } from "./definition.ts";

/** What may stand at the cursor. */
export interface Candidate {
  text: string;
  about: string;
}

export interface Completion {
  candidates: Candidate[];
  /** A name of a file may stand there as well. */
  files: boolean;
}

/** Values that no definition has, by the name of the option or argument, and by its command (`netpulse jobs`). */
export type KnownValues = (name: string, command: string) => Promise<Candidate[]> | Candidate[];

/** Names of values that are files. Those that are not here go by another name. */
const FILES = new Set(["file", "path", "list", "template", "input", "folder"]);

const NOTHING: Completion = { candidates: [], files: false };

/** What may stand in the place of the last of `words`, which are those behind the program's name. */
export async function complete(
  words: readonly string[],
  commands: readonly CliCommand[],
  known: KnownValues,
): Promise<Completion> {
  const [current = "", ...before] = joined(words).reverse();
  before.reverse();
  const shown = commands.filter(({ hidden }) => !hidden);
  const [name, ...rest] = before;
  if (name === undefined) return top(shown, current);
  if (name === "help") return rest.length > 0 ? NOTHING : top(shown, current);
  const command = shown.find((each) => each.name === name);
  const definition = command && (await definitionOf(command, [...rest, current]));
  return definition ? await within(new Place(definition, rest), current, known) : NOTHING;
}

/** bash parts words at `=`. */
function joined(words: readonly string[]): string[] {
  const out: string[] = [];
  for (const word of words) {
    const last = out.at(-1);
    if (word === "=" && last?.startsWith("--")) out.push("");
    else if (last === "" && out.at(-2)?.startsWith("--")) out[out.length - 1] = word;
    else out.push(word);
  }
  return out;
}

function top(commands: readonly CliCommand[], current: string): Completion {
  const names = commands.map(({ name, summary }) => ({ text: name, about: summary }));
  const own = [
    { text: "help", about: "help for a command" },
    ...(current.startsWith("-")
      ? [
          { text: "--help", about: "" },
          { text: "--version", about: "print the version" },
        ]
      : []),
  ];
  return { candidates: beginning(current, [...names, ...own]), files: false };
}

/** How far the words before the cursor have come. */
class Place {
  command: Command;
  /** The option whose value is due. */
  option: Option | null = null;
  #arguments = 0;
  #literal = false;

  constructor(command: Command, words: readonly string[]) {
    this.command = command;
    for (const word of words) this.#pass(word);
  }

  get takesOptions(): boolean {
    return !this.#literal;
  }

  get argument() {
    const all = this.command.registeredArguments;
    return all[this.#arguments] ?? (all.at(-1)?.variadic ? all.at(-1) : undefined);
  }

  get takesSubcommand(): boolean {
    return this.#arguments === 0 && !this.#literal;
  }

  #pass(word: string): void {
    if (this.option !== null) this.option = null;
    else if (word === "--" && !this.#literal) this.#literal = true;
    else if (word.startsWith("-") && word !== "-" && !this.#literal) this.option = this.#due(word);
    else this.#argument(word);
  }

  #due(word: string): Option | null {
    const option = optionNamed(this.command, word);
    return option?.required ? option : null;
  }

  #argument(word: string): void {
    const sub = this.takesSubcommand ? subcommandNamed(this.command, word) : undefined;
    if (sub === undefined) this.#arguments += 1;
    else this.command = sub;
  }
}

function optionNamed(command: Command, word: string): Option | undefined {
  return command.options.find(({ long, short }) => long === word || short === word);
}

function subcommandNamed(command: Command, word: string): Command | undefined {
  return command.commands.find((each) => each.name() === word || each.aliases().includes(word));
}

async function within(place: Place, current: string, known: KnownValues): Promise<Completion> {
  const { command } = place;
  const values = async (option: Option, typed: string) =>
    await valuesOf(
      { name: option.attributeName(), shown: option.flags, choices: choicesOf(option) },
      command,
      typed,
      known,
    );
  if (place.option !== null) return await values(place.option, current);
  if (current.startsWith("-") && place.takesOptions) return await optionsAt(command, current, values);
  const subcommands = place.takesSubcommand ? command.createHelp().visibleCommands(command) : [];
  if (subcommands.length > 0) {
    const all = subcommands.map((each) => ({ text: each.name(), about: each.description() }));
    return { candidates: beginning(current, all), files: false };
  }
  const argument = place.argument;
  if (argument === undefined) return NOTHING;
  const name = argument.name();
  return await valuesOf({ name, shown: name, choices: choicesOf(argument) }, command, current, known);
}

/** `--name`, or `--name=value` in one word. */
async function optionsAt(
  command: Command,
  current: string,
  values: (option: Option, typed: string) => Promise<Completion>,
): Promise<Completion> {
  const [, name = "", typed] = /^(--[^=]+)=(.*)$/s.exec(current) ?? [];
  const option = optionNamed(command, name);
  if (typed !== undefined) {
    if (option === undefined) return NOTHING;
    const { candidates } = await values(option, typed);
    return {
      candidates: candidates.map(({ text, about }) => ({ text: `${name}=${text}`, about })),
      files: false,
    };
  }
  const all = command
    .createHelp()
    .visibleOptions(command)
    .map(({ long, short, description }) => ({ text: long ?? short ?? "", about: description }));
  return { candidates: beginning(current, all), files: false };
}

interface Wanted {
  name: string;
  /** As help shows it. */
  shown: string;
  choices: readonly string[];
}

async function valuesOf(
  { name, shown, choices }: Wanted,
  command: Command,
  current: string,
  known: KnownValues,
): Promise<Completion> {
  const fixed = choices.map((text) => ({ text, about: "" }));
  const candidates = fixed.length > 0 ? fixed : await known(name, (command.parent ?? command).name());
  const [, placeholder = shown] = /<([^>]+)>/.exec(shown) ?? [];
  return {
    candidates: beginning(current, candidates),
    files: candidates.length === 0 && FILES.has(placeholder),
  };
}

/** Of commander's own, or of what reads the value. */
function choicesOf({ argChoices, parseArg }: Option | Argument): readonly string[] {
  if (argChoices !== undefined) return argChoices;
  return parseArg !== undefined && "choices" in parseArg ? (parseArg.choices as readonly string[]) : [];
}

function beginning(current: string, all: readonly Candidate[]): Candidate[] {
  return all.filter(({ text }) => text.startsWith(current));
}
