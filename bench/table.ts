import type { Contestant, StoreKind } from "./contestants.ts";
import { type Cell, middle, type Results } from "./results.ts";
import type { ScenarioName } from "./scenarios/index.ts";

interface Row {
  label: string;
  scenario: ScenarioName;
  figure: string;
  unit: "/s" | "ms" | "MB";
}

/** Less is better where it is not a rate. */
function rowsOf(kind: StoreKind, sizes: { bulk: number; stored: number }): Row[] {
  const rate = (label: string, scenario: ScenarioName): Row => ({
    label,
    scenario,
    figure: "rate",
    unit: "/s",
  });
  const stored = sizes.stored.toLocaleString("en");
  const store = kind === "redis" ? "memory of Redis" : "files";
  return [
    rate("enqueue, one by one, /s", "enqueue-1"),
    rate("enqueue, 32 in flight, /s", "enqueue-32"),
    rate(`enqueue, bulk of ${sizes.bulk.toLocaleString("en")}, /s`, "enqueue-bulk"),
    rate("process, 1 at once, /s", "process-1"),
    rate("process, 10 at once, /s", "process-10"),
    rate("process, 100 at once, /s", "process-100"),
    rate("our store without the engine, 1 in a call, /s", "store-1"),
    rate("our store without the engine, 10 in a call, /s", "store-10"),
    rate("our store without the engine, 100 in a call, /s", "store-100"),
    { label: "idle: enqueue → start, p50, ms", scenario: "idle", figure: "p50", unit: "ms" },
    { label: "idle: enqueue → start, p99, ms", scenario: "idle", figure: "p99", unit: "ms" },
    { label: `memory of the process, ${stored} queued, MB`, scenario: "memory", figure: "rss", unit: "MB" },
    { label: `${store}, ${stored} queued, MB`, scenario: "memory", figure: "store", unit: "MB" },
  ];
}

/** A Markdown table: a row for each figure, a column for each contestant, then ours against the best of the others. */
export function table(
  kind: StoreKind,
  all: Contestant[],
  results: Results,
  sizes: { bulk: number; stored: number },
): string {
  const contestants = all.filter(({ store }) => store === kind);
  const ours = contestants.filter((one) => one.ours);
  const peers = contestants.filter((one) => !one.ours);
  const ratioHeads = ours.map(({ label }) => `ratio ${label.replace(/^\W*NetPulse\W*/, "")}`.trim());
  const heads = ["", ...contestants.map(({ label }) => label), ...ratioHeads];
  const lines = rowsOf(kind, sizes)
    .filter(({ scenario, figure }) => contestants.some(({ name }) => results.cell(name, scenario, figure)))
    .map((row) => {
      const cells = contestants.map(({ name }) => shown(results, name, row));
      return [row.label, ...cells, ...ours.map((one) => ratio(results, one, peers, row))];
    });
  return [heads, heads.map((_, i) => (i === 0 ? "---" : "--:")), ...lines]
    .map((line) => `| ${line.join(" | ")} |`)
    .join("\n");
}

function shown(results: Results, name: string, { scenario, figure, unit }: Row): string {
  const cell = results.cell(name, scenario, figure);
  if (cell) return format(cell.median, unit);
  return results.error(name, scenario) === null ? "–" : "failed";
}

function format(value: number, unit: Row["unit"]): string {
  if (unit === "ms") return value.toFixed(2);
  const digits = unit === "MB" ? 2 : 3;
  return Number(value.toPrecision(Math.max(digits, 1))).toLocaleString("en");
}

/** How many times as good as the best of the others; above 1 is ahead. */
function ratio(
  results: Results,
  one: Contestant,
  peers: Contestant[],
  { scenario, figure, unit }: Row,
): string {
  const own = results.cell(one.name, scenario, figure)?.median;
  const others = peers.flatMap(({ name }) => results.cell(name, scenario, figure)?.median ?? []);
  if (own === undefined || others.length === 0) return "–";
  const times = unit === "/s" ? own / Math.max(...others) : Math.min(...others) / own;
  return times.toFixed(2);
}

/** How far the rounds are apart: of all figures, the middle one and the largest. Null with one round. */
export function spreads(
  contestants: Contestant[],
  results: Results,
): { middle: number; most: number } | null {
  const sizes = { bulk: 0, stored: 0 };
  const cells: Cell[] = contestants.flatMap(({ name, store }) =>
    rowsOf(store, sizes).flatMap(({ scenario, figure }) => results.cell(name, scenario, figure) ?? []),
  );
  const sorted = cells
    .map(({ spread }) => spread)
    .filter((spread) => spread > 0)
    .sort((a, b) => a - b);
  return sorted.length === 0 ? null : { middle: middle(sorted), most: sorted.at(-1) ?? 0 };
}
