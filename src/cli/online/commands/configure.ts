import { addressOf, LOGIN_HELP, sharedOf, withJobOptions, withPassword } from "../device.ts";
import { usage } from "../exit.ts";
import { readLines } from "../lines.ts";
import { type OnlineDeps, online, type Work, withOnlineOptions } from "../online.ts";
import { type RunOptions, runJob, withRunOptions } from "../run-job.ts";
import { count } from "../values.ts";

const title = {
  name: "netpulse config",
  summary: "Apply configuration lines to a device; it stops at the first one that is refused.",
  help: `${LOGIN_HELP}

Examples:
  netpulse config 192.0.2.1 "interface Loopback0" "description core" -t cisco_ios -u admin --save
  netpulse config 192.0.2.1 --file ntp.txt -t juniper_junos -u admin --commit-confirm 120

Without a device it prints the configuration of this program that is in force, and where each value comes from:
  netpulse config [--json] [--config FILE] [--set SECTION.KEY=VALUE]`,
};

interface ConfigureOptions extends RunOptions {
  file?: string;
  save?: boolean;
  commitConfirm?: number;
}

/** `netpulse config DEVICE LINE…`. */
export function configureCommand(deps: () => OnlineDeps) {
  return online(title, deps, (command, act) => {
    withRunOptions(withJobOptions(withOnlineOptions(command)))
      .argument("<device>", "[site/]host[:port]")
      .argument("[lines...]", "the lines, in order")
      .option("--file <path>", "a file that holds them, - for stdin")
      .option("--save", "save the configuration once all were taken")
      .option(
        "--commit-confirm <s>",
        "commit on trial: the device takes it back unless it can still be reached",
        count,
      )
      .action((device: string, lines: string[], options: ConfigureOptions) =>
        act(options, async (work) => {
          const config = await linesOf(work, lines, options.file);
          const { args, request } = sharedOf(work, options);
          const connection_args = await withPassword(work, { ...args, ...addressOf(device) }, options);
          return await runJob(
            work,
            { ...request, ...withSaving(request.driver_args, options), connection_args, config },
            options,
          );
        }),
      );
  });
}

async function linesOf({ terminal }: Work, lines: string[], file: string | undefined): Promise<string[]> {
  if ((file === undefined) === (lines.length === 0)) throw usage("give the lines, or --file with them");
  return file === undefined ? lines : await readLines(file, terminal);
}

export function withSaving(
  before: Record<string, unknown> | undefined,
  { save, commitConfirm }: Pick<ConfigureOptions, "save" | "commitConfirm">,
): { driver_args?: Record<string, unknown> } {
  const args = {
    ...before,
    ...(save && { save: true }),
    ...(commitConfirm !== undefined && { commit_confirm: commitConfirm }),
  };
  return Object.keys(args).length > 0 ? { driver_args: args } : {};
}
