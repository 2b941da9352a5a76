import { enqueue, enqueueBulk } from "./enqueue.ts";
import { idle } from "./idle.ts";
import { memory } from "./memory.ts";
import { processFilled } from "./process.ts";
import type { Scenario } from "./scenario.ts";

const ALL = {
  "enqueue-1": enqueue(1),
  "enqueue-32": enqueue(32),
  "enqueue-bulk": enqueueBulk,
  "process-1": processFilled(1),
  "process-10": processFilled(10),
  "process-100": processFilled(100),
  "store-1": processFilled(1, true),
  "store-10": processFilled(10, true),
  "store-100": processFilled(100, true),
  idle,
  memory,
};

export type ScenarioName = keyof typeof ALL;
export const SCENARIOS: Readonly<Record<ScenarioName, Scenario>> = ALL;
export const SCENARIO_NAMES = Object.keys(ALL) as ScenarioName[];
