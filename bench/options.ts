import { parseArgs } from "node:util";
import { CONTESTANTS, type Contestant } from "./contestants.ts";
import { SCENARIO_NAMES, type ScenarioName } from "./scenarios/index.ts";
import type { Sizes } from "./scenarios/scenario.ts";

export interface Options {
  contestants: Contestant[];
  scenarios: ScenarioName[];
  sizes: Sizes;
  rounds: number;
  /** Whether the document gets the tables: only those of a whole run. */
  write: boolean;
}

/** What was asked for cannot be done; the message says why. */
export class UsageError extends Error {}

const FULL: Sizes = { jobs: 10_000, bulk: 10_000, stored: 100_000, singles: 300 };
const QUICK: Sizes = { jobs: 2_000, bulk: 2_000, stored: 10_000, singles: 100 };
const ROUNDS = 3;

export const HELP = `Compares our queue engine with others, every one on a fresh store in a process of its own.

usage: bun bench/run.ts [options]

  --quick           one round of small sizes, to see that everything works; writes nothing
  --only NAME,…     only these contestants; writes nothing
  --scenario NAME,… only these scenarios; writes nothing
  --jobs N          jobs of a timed run, a multiple of 20, half of them one by one (${FULL.jobs})
  --rounds N        how often everything is measured; the median counts (${ROUNDS})
  --help            this text

contestants: ${CONTESTANTS.map(({ name }) => name).join(", ")}
scenarios:   ${SCENARIO_NAMES.join(", ")}

A whole run takes some minutes and replaces the tables in docs/performance.md. Ratios are to the best of the
others on the same kind of store; above 1 ours is ahead.
`;

/** Null: only help was asked for. */
export function parseOptions(argv: string[]): Options | null {
  const values = parse(argv);
  if (values.help) return null;
  const sizes = values.quick ? QUICK : FULL;
  const jobs = values.jobs === undefined ? sizes.jobs : count("--jobs", values.jobs, 20);
  const rounds =
    values.rounds === undefined ? (values.quick ? 1 : ROUNDS) : count("--rounds", values.rounds, 1);
  return {
    contestants: chosen("--only", values.only, CONTESTANTS, ({ name }) => name),
    scenarios: chosen("--scenario", values.scenario, SCENARIO_NAMES, (name) => name),
    sizes: { ...sizes, jobs },
    rounds,
    write: !values.quick && values.only === undefined && values.scenario === undefined,
  };
}

function parse(argv: string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const options = { quick: flag, only: text, scenario: text, jobs: text, rounds: text, help: flag };
  try {
    return parseArgs({ args: argv, options, strict: true }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function count(option: string, text: string, multipleOf: number): number {
  const n = Number(text);
  if (Number.isSafeInteger(n) && n > 0 && n % multipleOf === 0) return n;
  throw new UsageError(`${option} takes a positive multiple of ${multipleOf}, not ${text}`);
}

function chosen<T>(
  option: string,
  list: string | undefined,
  all: readonly T[],
  nameOf: (one: T) => string,
): T[] {
  if (list === undefined) return [...all];
  const names = list.split(",");
  const known = new Set(all.map(nameOf));
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length > 0) throw new UsageError(`${option}: there is no ${unknown.join(", ")}`);
  return all.filter((one) => names.includes(nameOf(one)));
}
