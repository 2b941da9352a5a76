import { addressOf, LOGIN_HELP, sharedOf, withJobOptions, withPassword } from "../device.ts";
import { type OnlineDeps, online, withOnlineOptions } from "../online.ts";
import { type RunOptions, runJob, withRunOptions } from "../run-job.ts";

const title = {
  name: "netpulse exec",
  summary: "Run commands on a device and print what they print.",
  help: `${LOGIN_HELP}

Examples:
  netpulse exec 192.0.2.1 "show version" -t cisco_ios -u admin
  netpulse exec branch-7/10.0.0.1:2222 "show clock" "show users" -t cisco_ios -u admin --follow
  netpulse exec server.example.net uptime -d paramiko -u ops -a allow_agent=true

Exit code 0 when the job finished, 1 when it failed, 124 when it or the waiting took too long; docs/command-line.md has all.`,
};

/** `netpulse exec DEVICE COMMAND…`. */
export function execCommand(deps: () => OnlineDeps) {
  return online(title, deps, (command, act) => {
    withRunOptions(withJobOptions(withOnlineOptions(command)))
      .argument("<device>", "[site/]host[:port]")
      .argument("<commands...>", "what to run, one after another")
      .action((device: string, commands: string[], options: RunOptions) =>
        act(options, async (work) => {
          const { args, request } = sharedOf(work, options);
          const connection_args = await withPassword(work, { ...args, ...addressOf(device) }, options);
          // One command as text: its output then comes as text too.
          const command = commands.length === 1 ? (commands[0] ?? "") : commands;
          return await runJob(work, { ...request, connection_args, command }, options);
        }),
      );
  });
}
