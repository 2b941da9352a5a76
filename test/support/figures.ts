import { appendFileSync } from "node:fs";

/** One line of what a test measured, e.g. `{ topic: "killed writer", what: "rounds", value: "200" }`. */
export interface Figure {
  topic: string;
  what: string;
  value: string;
}

/**
 * Has the report of a whole test run say what was measured: `bin/test --full` names the file, whose lines
 * `scripts/test-report.ts` takes in. Without it they are printed.
 */
export function figure(topic: string, what: string, value: string): void {
  const line = JSON.stringify({ topic, what, value } satisfies Figure);
  const file = process.env.TEST_FIGURES;
  if (file === undefined) console.log(`${topic}: ${what}: ${value}`);
  else appendFileSync(file, `${line}\n`);
}
