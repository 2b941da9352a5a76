import { beforeEach, describe, expect, test } from "bun:test";
import { type CliCommand, parser, runCli } from "../../../src/cli/cli.ts";
import { completeCommand, completionCommand } from "../../../src/cli/completion/command.ts";
import { collect, oneOf } from "../../../src/cli/online/values.ts";

const ran: string[] = [];
beforeEach(() => {
  ran.length = 0;
});

/** A command with all that a definition may have. */
const ship: CliCommand = {
  name: "ship",
  summary: "goes to sea",
  async run(argv, io) {
    const command = parser({ name: "netpulse ship", summary: "" }, io);
    command
      .command("sail")
      .alias("go")
      .description("leaves the harbour\nat once")
      .argument("<list>", "what it carries")
      .argument("[crew...]", "who is aboard")
      .option("-s, --speed <how>", "how fast", oneOf(["slow", "fast"]))
      .option("--chart <file>", "where to")
      .option("--flag <name>", "may be repeated", collect)
      .option("--quiet", "without a sound");
    command.command("sink", { hidden: true });
    await command.parseAsync([...argv], { from: "user" });
    ran.push("ship");
    return 0;
  },
};
const commands: CliCommand[] = [
  ship,
  {
    name: "shore",
    summary: "stays",
    define: async (io) => parser({ name: "shore", summary: "" }, io),
    run: note("shore"),
  },
  { name: "shark", summary: "is hidden", hidden: true, run: note("shark") },
];

function note(name: string): CliCommand["run"] {
  return async () => ran.push(name);
}

async function lines(...words: string[]): Promise<string[]> {
  let out = "";
  const io = {
    out(text: string) {
      out += text;
    },
    err() {},
  };
  const known = (name: string, command: string) =>
    name === "crew" ? [{ text: `${command} ${name}`, about: "is\naboard" }] : [];
  expect(await completeCommand(commands, known)(["--", ...words], io)).toBe(0);
  return out.split("\n").slice(0, -1);
}

const texts = async (...words: string[]) => (await lines(...words)).map((line) => line.split("\t")[0]);

describe("completion", () => {
  test.each<[string[], string[]]>([
    [["sh"], ["ship", "shore"]],
    [[""], ["ship", "shore", "help"]],
    [["--v"], ["--version"]],
    [["help", "sho"], ["shore"]],
    [["help", "shore", ""], []],
    [
      ["ship", ""],
      ["sail", "help"],
    ],
    [["ship", "sa"], ["sail"]],
    [["ship", "sail", "--q"], ["--quiet"]],
    [["ship", "go", "--sp"], ["--speed"]],
    [
      ["ship", "sail", "--speed", ""],
      ["slow", "fast"],
    ],
    [["ship", "sail", "-s", "f"], ["fast"]],
    [["ship", "sail", "--speed=s"], ["--speed=slow"]],
    [
      ["ship", "sail", "--speed", "="],
      ["slow", "fast"],
    ],
    [["ship", "sail", "--speed", "=", "f"], ["fast"]],
    [["ship", "sail", "--nothing=s"], []],
    [["ship", "sail", "--quiet", ""], [":files"]],
    [["ship", "sail", "--chart", "no"], [":files"]],
    [["ship", "sail", "--flag", ""], []],
    [["ship", "sail", "a.csv", ""], ["netpulse ship crew"]],
    [["ship", "sail", "--speed", "fast", "a.csv", "tom", "net"], ["netpulse ship crew"]],
    [["ship", "sail", "--", "--chart", "n"], ["netpulse ship crew"]],
    [["ship", "sail", "--", "-"], [":files"]],
    [["shore", "--h"], ["--help"]],
    [["shark", ""], []],
    [["nothing", ""], []],
  ])("%p offers %p", async (words, offered) => {
    expect(await texts(...words)).toEqual(offered);
    expect(ran).toEqual([]);
  });

  test("tells what each is about, in one line", async () => {
    expect(await lines("ship", "sa")).toEqual(["sail\tleaves the harbour at once"]);
    expect(await lines("ship", "sail", "a.csv", "n")).toEqual(["netpulse ship crew\tis aboard"]);
  });

  test("is a script for each shell, and the nearest one for a shell that there is not", async () => {
    const said = { out: "", err: "" };
    const io = {
      out: (text: string) => void Object.assign(said, { out: said.out + text }),
      err: (text: string) => void Object.assign(said, { err: said.err + text }),
    };
    const all = [{ name: "completion", summary: "", run: completionCommand }];
    for (const shell of ["bash", "zsh", "fish"]) expect(await runCli(["completion", shell], all, io)).toBe(0);
    expect(said.out.match(/completion for netpulse; asks the program itself/g)).toHaveLength(3);
    expect(await runCli(["completion", "bahs"], all, io)).toBe(2);
    expect(said.err).toContain("Did you mean bash?");
  });
});
