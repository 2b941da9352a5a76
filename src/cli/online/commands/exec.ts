import type { ExecRequest } from "../../../client/index.ts";
import { addressOf, LOGIN_HELP, sharedOf, withJobOptions, withPassword } from "../device.ts";
import { usage } from "../exit.ts";
import { type OnlineDeps, online, type Work, withOnlineOptions } from "../online.ts";
import { type RunOptions, runJob, withRunOptions } from "../run-job.ts";
import { PARSERS, type Parser, templateText } from "../template.ts";
import { oneOf } from "../values.ts";

const title = {
  name: "netpulse exec",
  summary: "Run commands on a device and print what they print.",
  help: `${LOGIN_HELP}

Examples:
  netpulse exec 192.0.2.1 "show version" -t cisco_ios -u admin
  netpulse exec branch-7/10.0.0.1:2222 "show clock" "show users" -t cisco_ios -u admin --follow
  netpulse exec 192.0.2.1 "show interfaces" -t cisco_ios -u admin --parse textfsm --csv > interfaces.csv
  netpulse exec server.example.net uptime -d paramiko -u ops -a allow_agent=true

Exit code 0 when the job finished, 1 when it failed, 124 when it or the waiting took too long; docs/command-line.md has all.`,
};

interface ExecOptions extends RunOptions {
  parse?: Parser;
  template?: string;
  stored?: string;
}

/** `netpulse exec DEVICE COMMAND…`. */
export function execCommand(deps: () => OnlineDeps) {
  return online(title, deps, (command, act) => {
    withRunOptions(withJobOptions(withOnlineOptions(command)))
      .argument("<device>", "[site/]host[:port]")
      .argument("<commands...>", "what to run, one after another")
      .option(
        "--parse <parser>",
        `print the data that a parser makes of it: ${PARSERS.join(", ")}; textfsm has a template for most commands`,
        oneOf(PARSERS),
      )
      .option("--template <file>", "with --parse: the template, - for stdin")
      .option("--stored <name>", "with --parse: one of the API's template folder, by its path there")
      .action((device: string, commands: string[], options: ExecOptions) =>
        act(options, async (work) => {
          const parsing = await parsingOf(work, options);
          const { args, request } = sharedOf(work, options);
          const connection_args = await withPassword(work, { ...args, ...addressOf(device) }, options);
          // One command as text: its output then comes as text too.
          const command = commands.length === 1 ? (commands[0] ?? "") : commands;
          return await runJob(work, { ...request, ...parsing, connection_args, command }, options);
        }),
      );
  });
}

async function parsingOf(
  { terminal }: Work,
  { parse, template: file, stored, follow }: ExecOptions,
): Promise<Pick<ExecRequest, "parsing">> {
  if (parse === undefined) {
    if ((file ?? stored) !== undefined) throw usage("say with --parse what the template is for");
    return {};
  }
  if (follow) throw usage("give --follow or --parse, not both");
  const template = await templateText({ template: file, stored }, terminal);
  if (template === undefined && parse !== "textfsm")
    throw usage(`--parse ${parse} needs --template or --stored`);
  return { parsing: { name: parse, ...(template !== undefined && { template }) } };
}
