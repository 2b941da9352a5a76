import { EXIT } from "../exit.ts";
import { type OnlineDeps, type OnlineOptions, online, withOnlineOptions } from "../online.ts";
import { LiveTop } from "../top/live.ts";
import { plainTop } from "../top/plain.ts";
import { count, seconds } from "../values.ts";

const title = {
  name: "netpulse top",
  summary: "Watch the service: queues, rates, workers, sessions, what runs and what has failed.",
  help: `On a terminal it takes the whole screen: q ends it, p holds it. In a pipe it prints a line each time: the time, jobs queued and
running, finished and failed a second, workers that are busy, idle, suspended and dead, sessions, circuit breakers.

Examples:
  netpulse top
  netpulse top --interval 10 --csv > service.csv
  netpulse top --count 1 --json`,
};

export interface TopOptions extends OnlineOptions {
  interval: number;
  count?: number;
}

/** `netpulse top`. */
export function topCommand(deps: () => OnlineDeps) {
  return online(title, deps, (command, act) => {
    withOnlineOptions(command)
      .option("-i, --interval <s>", "how long between two looks", seconds, 2)
      .option("-n, --count <n>", "end after so many", count)
      .allowExcessArguments(false)
      .action((options: TopOptions) =>
        act(options, async (work) => {
          const { terminal, screen } = work;
          const run = {
            intervalMs: options.interval * 1000,
            count: options.count ?? Number.POSITIVE_INFINITY,
          };
          if (screen.format !== "people" || !terminal.out || terminal.takeScreen === null) {
            return await plainTop(work, run);
          }
          return (await new LiveTop(work, run).run()) === "interrupted" ? EXIT.interrupted : EXIT.done;
        }),
      );
  });
}
