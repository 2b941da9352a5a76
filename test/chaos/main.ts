import { parseArgs } from "node:util";
import { runChaos } from "./run.ts";

/** Runs in the network namespace that `launch.ts` makes for it; prints its report as one line of JSON. */
const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    rounds: { type: "string", default: "3" },
    only: { type: "string" },
    long: { type: "string" },
    retried: { type: "string" },
    shortest: { type: "string" },
    latency: { type: "string" },
    clients: { type: "string", default: "6" },
    main: { type: "string" },
    evidence: { type: "string" },
  },
});
const report = await runChaos({
  seed: Number(values.seed),
  rounds: Number(values.rounds),
  devices: 12,
  nodes: 3,
  apis: 2,
  clients: Number(values.clients),
  only: values.only,
  long: numberOf(values.long),
  retried: numberOf(values.retried),
  shortest: numberOf(values.shortest),
  latency: numberOf(values.latency),
  main: values.main,
  evidence: values.evidence,
  progress: (line) => console.error(line),
});
console.log(JSON.stringify(report));
process.exit(0);

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
