/** `bun test/simulator/run.ts SEED [COUNT]`: the history of one seed, or only what is wrong with each of many. */
import { simulator } from "./simulation.ts";

const [first = 1, count = 1] = process.argv.slice(2).map(Number);
const simulations = await simulator();
const began = performance.now();
let wrong = 0;
for (let seed = first; seed < first + count; seed++) {
  const { history, problems, hash } = await simulations.run(seed);
  if (count === 1) console.log(history.join("\n"));
  for (const problem of problems) console.log(`seed ${seed}: ${problem}`);
  if (count === 1) console.log(hash);
  if (problems.length > 0) wrong += 1;
}
const seconds = (performance.now() - began) / 1000;
console.log(`${count} seeds in ${seconds.toFixed(1)} s (${(count / seconds).toFixed(0)}/s), ${wrong} wrong`);
simulations.remove();
process.exit(wrong > 0 ? 1 : 0);
