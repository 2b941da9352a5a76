/**
 * One measurement in a process of its own: `bun bench/child.ts TASK`, TASK being a `Task` as JSON. Its last line on
 * standard output is the figures as JSON. Any error ends it with exit code 1: such a figure does not count.
 */
import { CONTESTANTS } from "./contestants.ts";
import type { Store } from "./queue.ts";
import { SCENARIOS, type ScenarioName } from "./scenarios/index.ts";
import type { Sizes } from "./scenarios/scenario.ts";

export interface Task {
  contestant: string;
  scenario: ScenarioName;
  sizes: Sizes;
  store: Store;
}

const KEEP_ALIVE_MS = 1_000;

async function measure({ contestant, scenario, sizes, store }: Task): Promise<void> {
  // Timers of ours and of others do not keep a process alive; what is waited for must come all the same.
  setInterval(() => {}, KEEP_ALIVE_MS);
  const found = CONTESTANTS.find(({ name }) => name === contestant);
  if (!found) throw new Error(`no contestant ${contestant}`);
  const figures = await SCENARIOS[scenario].run(await found.open(store), sizes, store);
  process.stdout.write(`${JSON.stringify(figures)}\n`);
  // Closing is not measured, and some libraries take seconds for it.
  process.exit(0);
}

if (import.meta.main) {
  await measure(JSON.parse(process.argv[2] ?? "")).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
}
