import type { Netpulse, ParseRequest } from "../../../client/index.ts";
import { EXIT, usage } from "../exit.ts";
import { readText } from "../lines.ts";
import { type OnlineDeps, type OnlineOptions, online, type Work, withOnlineOptions } from "../online.ts";
import { showParsed } from "../records.ts";
import { PARSERS, type Parser, templateText, variables } from "../template.ts";
import { collect, oneOf, whole } from "../values.ts";

const STRUCTURES = ["list", "dictionary", "flat_list"] as const;

const title = {
  name: "netpulse parse",
  summary: "Make data of what a device printed.",
  help: `The parser follows from the template's name (.textfsm, .ttp) where it is not given; --platform means textfsm, --regex means regex.

Examples:
  netpulse exec 192.0.2.1 "show version" -t cisco_ios | netpulse parse --platform cisco_ios --command "show version"
  netpulse parse interfaces.txt --template interfaces.textfsm --csv > interfaces.csv
  netpulse parse --job job_01hk1jvbg0ng3ah6t48jfew500 --regex '^(?P<port>Et\\d+) +(?P<state>up|down)' --json

Records are a table or lines; what is nested deeper is JSON. Exit code 0 also where nothing was found.`,
};

interface ParseOptions extends OnlineOptions {
  template?: string;
  stored?: string;
  regex?: string;
  platform?: string;
  command?: string;
  parser?: Parser;
  job?: string;
  index: number;
  first?: true;
  multiline: boolean;
  structure?: (typeof STRUCTURES)[number];
  var?: string[];
}

/** `netpulse parse INPUT`. */
export function parseCommand(deps: () => OnlineDeps) {
  return online(title, deps, (command, act) => {
    withOnlineOptions(command)
      .argument("[input]", "a file with what was printed, - for stdin (the default)")
      .option("--job <id>", "instead: what this job has printed")
      .option("--index <n>", "with --job: which of its commands, counted from 0", whole, 0)
      .option("-t, --template <file>", "the template, - for stdin")
      .option("--stored <name>", "instead: one of the API's template folder, by its path there")
      .option("--regex <pattern>", "instead: one regex with named groups")
      .option("--platform <name>", "instead: the template that the folder's index has for this platform …")
      .option("--command <command>", "… and this command")
      .option("--parser <name>", `what the template is for: ${PARSERS.join(", ")}`, oneOf(PARSERS))
      .option("--first", "regex: the first match alone")
      .option("--no-multiline", "regex: ^ and $ match the text's ends, not those of its lines")
      .option("--structure <how>", `ttp: ${STRUCTURES.join(", ")}`, oneOf(STRUCTURES))
      .option("--var <name=value>", "ttp: a variable, as JSON or text; may be repeated", collect)
      .allowExcessArguments(false)
      .action((input: string | undefined, options: ParseOptions) =>
        act(options, (work) => parse(work, input, options)),
      );
  });
}

async function parse(work: Work, input: string | undefined, options: ParseOptions): Promise<number> {
  if (input !== undefined && options.job !== undefined) throw usage("give a file or --job, not both");
  if ((input ?? "-") === "-" && options.template === "-" && options.job === undefined)
    throw usage("the text and the template cannot both come by stdin");
  const request = await requestOf(work, options);
  const context =
    options.job === undefined
      ? await readText(input ?? "-", work.terminal)
      : await printedBy(work.client, options.job, options.index);
  showParsed(work.screen, await work.client.templates.parse({ ...request, context }));
  return EXIT.done;
}

async function requestOf({ terminal }: Work, options: ParseOptions): Promise<Omit<ParseRequest, "context">> {
  const { regex, platform, command, template: file, stored } = options;
  const ways = [file ?? stored, regex, platform ?? command].filter((way) => way !== undefined);
  if (ways.length !== 1)
    throw usage("give one of --template, --stored, --regex and --platform with --command");
  // Without one the API would take it for a path.
  if (regex?.includes("(?P<") === false) throw usage("--regex has named groups, as (?P<name>\\S+)");
  const template = regex ?? (await templateText({ template: file, stored }, terminal));
  return {
    name: parserOf(options),
    ...(template !== undefined && { template }),
    ...(platform !== undefined && { platform }),
    ...(command !== undefined && { command }),
    options: optionsOf(options),
  };
}

function parserOf({ parser, regex, platform, command, template, stored }: ParseOptions): Parser {
  if (parser !== undefined) return parser;
  if (regex !== undefined) return "regex";
  if (platform !== undefined || command !== undefined) return "textfsm";
  const [, end] = /\.(textfsm|ttp)$/.exec(template ?? stored ?? "") ?? [];
  if (end === undefined) throw usage("say with --parser what the template is for: textfsm, ttp or regex");
  return end as Parser;
}

function optionsOf({ first, multiline, structure, var: texts }: ParseOptions) {
  const vars = variables(texts, "--var") as NonNullable<NonNullable<ParseRequest["options"]>["vars"]>;
  return {
    ...(first && { match: "first" as const }),
    ...(multiline ? {} : { multiline }),
    ...(structure && { structure }),
    ...(texts !== undefined && { vars }),
  };
}

/** All of it, where a result shows but a part. */
async function printedBy(client: Netpulse, id: string, index: number): Promise<string> {
  let text = "";
  for await (const chunk of client.jobs.allOutput(id, { index })) {
    if (chunk.kind === "output") text += chunk.text;
  }
  return text;
}
