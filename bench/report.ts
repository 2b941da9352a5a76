import type { Contestant, StoreKind } from "./contestants.ts";
import type { Options } from "./options.ts";
import type { Results } from "./results.ts";
import { spreads, table } from "./table.ts";

const TITLES: Record<StoreKind, string> = {
  redis: "### On Redis (append-only file, fsynced every second)",
  sqlite: "### On SQLite (WAL; NORMAL for the others)",
};

/** The tables with all that is needed to judge them, in Markdown. */
export function report(options: Options, results: Results, conditions: string[]): string {
  const { contestants, sizes } = options;
  const kinds = (["redis", "sqlite"] as const).filter((kind) =>
    contestants.some(({ store }) => store === kind),
  );
  const tables = kinds.flatMap((kind) => [TITLES[kind], table(kind, contestants, results, sizes)]);
  const parts = [
    ...tables,
    ...failures(options, results),
    [...conditions, method(options, results)].join("\n"),
    settings(contestants),
  ];
  return parts.join("\n\n");
}

function method({ contestants, sizes, rounds }: Options, results: Results): string {
  const spread = spreads(contestants, results);
  const percent = (share: number) => `${Math.round(100 * share)} %`;
  const apart = spread
    ? ` Between the rounds half of the figures differ by less than ${percent(spread.middle)}, the worst by ${percent(spread.most)}.`
    : "";
  const jobs = `${sizes.jobs.toLocaleString("en")} jobs of 200 bytes a figure, half as many one by one`;
  const median = rounds === 1 ? "one round" : `the median of ${rounds} rounds`;
  return `${jobs}, ${sizes.singles} for idle; ${median}.${apart}`;
}

function settings(contestants: Contestant[]): string {
  return contestants.map(({ label, settings: text }) => `- ${label}: ${text}`).join("\n");
}

function failures({ contestants, scenarios }: Options, results: Results): string[] {
  const where = new Map<string, string[]>();
  for (const { name } of contestants) {
    for (const scenario of scenarios) {
      const error = results.error(name, scenario);
      if (error !== null)
        where.set(`${name}: ${error}`, [...(where.get(`${name}: ${error}`) ?? []), scenario]);
    }
  }
  const lines = [...where].map(([what, names]) => `- ${what} (${names.join(", ")})`);
  return lines.length === 0 ? [] : [`Failed, so without a figure:\n\n${lines.join("\n")}`];
}
