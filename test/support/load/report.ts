import { cpus, loadavg, release, totalmem } from "node:os";
import type { Measured, Times } from "./measure.ts";
import { PAGE } from "./measure.ts";
import type { LoadReport } from "./run.ts";

/** Milliseconds that a first page may take at the 99th percentile, however much is stored. */
export const FIRST_PAGE_BUDGET_MS = 15;
export const BY_ID_BUDGET_RATE = 20_000;

/** Two stores of one kind beside each other, as Markdown. */
export function comparison(small: LoadReport, large: LoadReport): string {
  const [few, many] = [small, large].map(({ jobs }) => count(jobs));
  return [
    ...conditions(large),
    "",
    `| \`GET /job\`, ${PAGE} a page, p50 / p99 ms | first page of ${few} | first page of ${many} | page 1,000 of ${many} |`,
    "|---|--:|--:|--:|",
    ...large.lists.map((row) => listRow(row, small.lists)),
    "",
    `| | ${few} stored | ${many} stored | budget |`,
    "|---|--:|--:|---|",
    row("`GET /job?id=`, p50 / p99 ms", [small, large], ({ byId }) => both(byId), "–"),
    row(
      "`GET /job?id=` a second, 32 in flight, nothing arriving",
      [small, large],
      ({ byIdRate }) => count(byIdRate),
      `${count(BY_ID_BUDGET_RATE)}: ${large.byIdRate >= BY_ID_BUDGET_RATE ? "kept" : "missed"}`,
    ),
    row(
      "`GET /health?verbose=true` (counts), p50 / p99 ms",
      [small, large],
      ({ health }) => both(health),
      "–",
    ),
    row(
      "`POST /device/exec` meanwhile, p50 / p99 ms",
      [small, large],
      ({ arrivals }) => both(arrivals.answers),
      "–",
    ),
    row(
      "accepted meanwhile, a second",
      [small, large],
      ({ arrivals }) => count(arrivals.accepted / arrivals.seconds),
      "–",
    ),
    row(
      "stored and run through the seam, jobs a second",
      [small, large],
      ({ jobs, fillSeconds }) => count(jobs / fillSeconds),
      "–",
    ),
    row("size, MiB", [small, large], ({ sizeMiB }) => (sizeMiB === null ? "–" : count(sizeMiB)), "–"),
  ].join("\n");
}

function conditions({ arrivals, lists }: LoadReport): string[] {
  const over = lists.filter(({ first }) => first.p99 > FIRST_PAGE_BUDGET_MS).length;
  const load = loadavg().map((each) => each.toFixed(1));
  const machine = `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Bun ${Bun.version}`;
  return [
    `On ${new Date().toISOString().slice(0, 10)}; ${machine}; load average ${load.join(", ")}, server, device, client and`,
    `arrivals included. Latest arrival sent ${arrivals.latest} ms late; ${arrivals.refused} refused. First pages over the budget of`,
    `${FIRST_PAGE_BUDGET_MS} ms at p99: ${over} of ${lists.length} (bold).`,
  ];
}

function listRow({ probe, first, deep }: Measured, small: readonly Measured[]): string {
  const before = small.find((each) => each.probe.name === probe.name);
  const name = probe.empty ? `${probe.name}: nothing` : probe.name;
  const cells = [before ? both(before.first) : "–", marked(first), deep === null ? "–" : both(deep)];
  return `| ${name} | ${cells.join(" | ")} |`;
}

function row(
  what: string,
  reports: readonly LoadReport[],
  cell: (report: LoadReport) => string,
  budget: string,
): string {
  return `| ${what} | ${reports.map(cell).join(" | ")} | ${budget} |`;
}

function marked(times: Times): string {
  return times.p99 > FIRST_PAGE_BUDGET_MS ? `**${both(times)}**` : both(times);
}

export function both({ p50, p99 }: Times): string {
  return `${p50.toFixed(1)} / ${p99.toFixed(1)}`;
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}
