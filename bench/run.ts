/** Our queue beside others: `bun bench/run.ts --help`. */

import { writeSection } from "../scripts/lib/section.ts";
import type { Contestant } from "./contestants.ts";
import { conditions } from "./machine.ts";
import { measure, type Outcome } from "./measure.ts";
import { HELP, type Options, parseOptions, UsageError } from "./options.ts";
import { report } from "./report.ts";
import { Results } from "./results.ts";
import { SCENARIOS, type ScenarioName } from "./scenarios/index.ts";

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

/** Round by round, so that what else the machine does hits all of them; each round begins with another contestant. */
async function measureAll(options: Options, signal: AbortSignal): Promise<Results> {
  const { contestants, scenarios, sizes, rounds } = options;
  const results = new Results();
  for (let round = 0; round < rounds; round++) {
    for (const scenario of scenarios.filter((name) => round === 0 || !SCENARIOS[name].once)) {
      for (const contestant of rotated(contestants, round).filter((one) => takesPart(one, scenario))) {
        const outcome = await measure(contestant, scenario, sizes, signal);
        signal.throwIfAborted();
        results.add(contestant.name, scenario, outcome);
        console.error(
          `${round + 1}/${rounds} ${scenario.padEnd(13)} ${contestant.name.padEnd(23)} ${told(outcome)}`,
        );
      }
    }
  }
  return results;
}

function takesPart(contestant: Contestant, scenario: ScenarioName): boolean {
  return contestant.ours || SCENARIOS[scenario].bare !== true;
}

function rotated<T>(list: T[], by: number): T[] {
  const from = by % list.length;
  return [...list.slice(from), ...list.slice(0, from)];
}

function told(outcome: Outcome): string {
  if ("error" in outcome) return `failed: ${outcome.error}`;
  return Object.entries(outcome.figures)
    .map(([name, value]) => `${name} ${Number(value.toPrecision(3))}`)
    .join(", ");
}

async function main(argv: string[]): Promise<number> {
  const options = parseOptions(argv);
  if (options === null) {
    console.log(HELP);
    return 0;
  }
  const before = await conditions(options.contestants);
  const text = report(options, await measureAll(options, interruption()), before);
  console.log(text);
  if (options.write) await writeSection("performance.md", "bench/run.ts", text);
  return 0;
}

/** Ctrl-C or a kill ends the measurement that runs, with its processes and files. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  const abort = () => controller.abort(new Error("interrupted"));
  process.once("SIGINT", abort).once("SIGTERM", abort);
  return controller.signal;
}

function failed(error: unknown): number {
  const message = error instanceof Error ? error.message : String(error);
  console.error(message);
  return error instanceof UsageError ? EXIT_USAGE : EXIT_FAILURE;
}

process.exitCode = await main(process.argv.slice(2)).catch(failed);
