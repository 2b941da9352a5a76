import { type CliCommand, parser } from "../cli.ts";
import { oneLine } from "../online/text.ts";
import { oneOf } from "../online/values.ts";
import { complete, type KnownValues } from "./complete.ts";
import bash from "./netpulse.bash" with { type: "text" };
import fish from "./netpulse.fish" with { type: "text" };
import zsh from "./netpulse.zsh" with { type: "text" };

const SCRIPTS = { bash, zsh, fish };
const SHELLS = ["bash", "zsh", "fish"] as const;

const HELP = `
The script asks the program itself at each Tab, so it need not be made again for a newer one.

  source <(netpulse completion bash)                                        in ~/.bashrc
  source <(netpulse completion zsh)                                         in ~/.zshrc, behind compinit
  netpulse completion fish > ~/.config/fish/completions/netpulse.fish`;

/** `netpulse completion SHELL`: what a shell reads to complete our words. */
export const completionCommand: CliCommand["run"] = async (argv, io) => {
  const summary = "Print what makes a shell complete commands, options and values.";
  const command = parser({ name: "netpulse completion", summary }, io)
    .argument("<shell>", `one of ${SHELLS.join(", ")}`, oneOf(SHELLS))
    .allowExcessArguments(false)
    .addHelpText("after", HELP)
    .action((shell: keyof typeof SCRIPTS) => io.out(SCRIPTS[shell]));
  await command.parseAsync([...argv], { from: "user" });
  return 0;
};

/** `netpulse complete -- WORD…`, which those scripts call: a line for each candidate, and `:files` where files are ones too. */
export function completeCommand(commands: readonly CliCommand[], known: KnownValues): CliCommand["run"] {
  return async (argv, io) => {
    const { candidates, files } = await complete(argv[0] === "--" ? argv.slice(1) : argv, commands, known);
    for (const { text, about } of candidates) io.out(`${text}\t${oneLine(about)}\n`);
    if (files) io.out(":files\n");
    return 0;
  };
}
