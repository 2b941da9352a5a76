import { InvalidArgumentError } from "../cli/cli.ts";
import { type Column, screenOf, whileWaiting } from "../cli/listing.ts";
import type { FormatOptions } from "../cli/online/format.ts";
import type { Examination, Finding } from "../storage/examiner.ts";
import { storeCommand, withStore } from "./store-command.ts";

const SUMMARY = `Checks whether the store is in order, and says what is off. Changes nothing, and may run beside a server.

Looks at everything in the store, so it takes longer the more there is: some seconds for a million jobs.
Exit code: 0 all is in order, 1 something is off, 2 the store cannot be opened.`;

const EXIT_FINDINGS = 1;
const DEFAULT_LIMIT = 20;

export const doctorCommand = storeCommand<FormatOptions & { limit: number }>({
  name: "doctor",
  summary: SUMMARY,
  shape: (command) =>
    void command
      .option("--json", "print JSON: {store, schema, looked, findings: [{rule, subject, detail}]}")
      .option("--csv", "print the findings as CSV")
      .option("--limit <n>", "findings named for each rule", positive, DEFAULT_LIMIT),
  async run({ config, io, options }) {
    const screen = screenOf(io, options);
    const { limit } = options;
    const examined = withStore(config, { mustExist: true }, async (storage) => {
      return [storage.info.name, await storage.examine({ limit })] as const;
    });
    const [store, examination] = await whileWaiting(io, "examining the store", examined);
    if (screen.format === "json") screen.json({ store, ...examination });
    else if (screen.format === "csv") screen.list(examination.findings, columns, "");
    else io.out(report(store, examination));
    return examination.findings.length === 0 ? 0 : EXIT_FINDINGS;
  },
});

const columns: Column<Finding>[] = [
  { name: "rule", of: ({ rule }) => rule },
  { name: "subject", of: ({ subject }) => subject },
  { name: "detail", of: ({ detail }) => detail },
];

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 1e6)
    throw new InvalidArgumentError("Give 1 to 1000000.");
  return value;
}

function report(store: string, { schema, looked, findings }: Examination): string {
  const seen = Object.entries(looked).map(([what, n]) => `${n} ${what.replaceAll("_", " ")}`);
  const lines = [
    `store: ${store}, schema version ${schema.version} (this program's: ${schema.newest})`,
    ...(seen.length > 0 ? [`looked at: ${seen.join(", ")}`] : []),
    ...(findings.length > 0 ? byRule(findings) : ["all is in order"]),
  ];
  return `${lines.join("\n")}\n`;
}

function byRule(findings: readonly Finding[]): string[] {
  const rules = Map.groupBy(findings, ({ rule }) => rule);
  return [...rules].flatMap(([rule, broken]) => [
    `not so: ${rule}`,
    ...broken.map(({ subject, detail }) => `  ${subject}: ${detail}`),
  ]);
}
