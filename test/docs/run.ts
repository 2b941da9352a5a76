import { readFileSync } from "node:fs";
import { readAndDo } from "./support/reader.ts";
import { stepsOf } from "./support/runnable.ts";

/** `bun test/docs/run.ts PAGE…` does what pages say, and tells what was wrong with each. */
let wrong = 0;
for (const page of process.argv.slice(2)) {
  const begun = performance.now();
  const problem = await readAndDo(stepsOf(readFileSync(page, "utf8")));
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  if (problem !== null) wrong += 1;
  console.log(problem === null ? `${page}: all of it works, ${seconds} s` : `${page}, ${problem}`);
}
process.exit(wrong === 0 ? 0 : 1);
