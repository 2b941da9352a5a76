import { parseArgs } from "node:util";
import { launchChaos } from "../test/chaos/launch.ts";
import type { Report } from "../test/chaos/run.ts";
import { writeSection } from "./lib/section.ts";

/**
 * The long run of the chaos suite: `bun scripts/chaos.ts [--rounds N] [--seed N] [--evidence FOLDER]`, some half a minute
 * a round. Writes its figures into docs/reliability.md unless something is wrong; then it says what, and ends with 1.
 */
const LONGEST_ROUND_MS = 180_000;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    evidence: { type: "string" },
  },
});
const rounds = Number(values.rounds);
const report = await launchChaos({
  seed: Number(values.seed),
  rounds,
  evidence: values.evidence,
  deadline: rounds * LONGEST_ROUND_MS,
  progress: (text) => process.stderr.write(text),
});
if (report.problems.length > 0) {
  console.error(`${report.problems.length} violations:\n${report.problems.slice(0, 20).join("\n")}`);
  process.exit(1);
}
await writeSection("reliability.md", "scripts/chaos.ts", figures(report));

function figures({
  seed,
  rounds,
  seconds,
  jobs,
  byStatus,
  typed,
  unknown,
  faults,
  recovery,
}: Report): string {
  const statuses = Object.entries(byStatus).map(([status, count]) => `${count} ${status}`);
  const total = Object.values(faults).reduce((sum, count) => sum + count, 0);
  const sorted = recovery.toSorted((a, b) => a - b);
  const at = (share: number) =>
    `${((sorted[Math.ceil(share * sorted.length) - 1] ?? 0) / 1000).toFixed(1)} s`;
  return [
    `${rounds} rounds in ${Math.round(seconds / 60)} minutes (seed ${seed}): ${jobs} jobs (${statuses.join(", ")}), ` +
      `${typed} commands and lines at devices, ${unknown} requests that nobody answered, ${total} faults. ` +
      "**Violations: none.**",
    `From the end of a round's last fault to the end of its last job, the work that lay before it included: p50 ` +
      `${at(0.5)}, p90 ${at(0.9)}, p99 ${at(0.99)}, longest ${at(1)}.`,
    ["| fault | times |", "|---|---|", ...rows(faults)].join("\n"),
  ].join("\n\n");
}

function rows(faults: Record<string, number>): string[] {
  const sorted = Object.entries(faults).toSorted(([, a], [, b]) => b - a);
  return sorted.map(([name, count]) => `| ${name} | ${count} |`);
}
