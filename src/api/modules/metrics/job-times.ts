import type { Histograms, JobTimesReport } from "../../../core/node-report.ts";
import type { Page } from "./page.ts";

interface JobTimesMetric {
  of: "waits" | "durations";
  name: string;
  help: string;
  /** What the second label is called. */
  label: string;
}

const METRICS: readonly JobTimesMetric[] = [
  {
    of: "waits",
    name: "netpulse_job_wait_seconds",
    help: "From the moment at which a job was ready to the start of its run.",
    label: "kind",
  },
  {
    of: "durations",
    name: "netpulse_job_duration_seconds",
    help: "From the start of a run to its end.",
    label: "result",
  },
];

/** The histograms that a node has told of, with its bounds. */
export function addJobTimes(page: Page, node: string, { bounds, ...times }: JobTimesReport): void {
  for (const { of, name, help, label } of METRICS) {
    for (const [driver, value, [sum = 0, ...counts]] of each(times[of])) {
      page.histogram(name, help, { bounds, counts, sum }, { node, driver, [label]: value });
    }
  }
}

function each(histograms: Histograms): [driver: string, value: string, numbers: readonly number[]][] {
  return Object.entries(histograms).flatMap(([driver, labels]) =>
    Object.entries(labels).map(([value, numbers]): [string, string, readonly number[]] => [
      driver,
      value,
      numbers,
    ]),
  );
}
