import { type ConfigRow, describeConfig, showValue } from "../../config/describe.ts";
import { type CliCommand, parser } from "../cli.ts";
import { addConfigOptions, type ConfigOptions, loadFromOptions } from "../config-options.ts";
import { type Column, screenOf, withFormatOptions } from "../listing.ts";
import type { FormatOptions } from "../online/format.ts";

/** `netpulse config`: what is in force and from where, secrets masked. */
export const configCommand: CliCommand = {
  name: "config",
  summary: "print the configuration in force and where each value comes from",
  async run(argv, io) {
    const command = parser({ name: "netpulse config", summary: this.summary }, io);
    addConfigOptions(withFormatOptions(command)).action((options: ConfigOptions & FormatOptions) => {
      const rows = describeConfig(loadFromOptions(options));
      const screen = screenOf(io, options);
      if (screen.format === "people") io.out(table(rows));
      else screen.list(rows, columns, "");
    });
    await command.parseAsync([...argv], { from: "user" });
    return 0;
  },
};

const columns: Column<ConfigRow>[] = [
  { name: "key", of: ({ key }) => key },
  { name: "value", of: showValue },
  { name: "from", of: origin },
];

function table(rows: readonly ConfigRow[]): string {
  const cells = rows.map((row) => [row.key, showValue(row), origin(row)] as const);
  const width = (column: 0 | 1) => Math.max(...cells.map((line) => line[column].length));
  const [keys, values] = [width(0), width(1)];
  return cells
    .map(([key, value, from]) => `${key.padEnd(keys)}  ${value.padEnd(values)}  ${from}\n`)
    .join("");
}

function origin({ from, source }: ConfigRow): string {
  return source === null ? from : `${from} ${source}`;
}

/** Whether nothing but options of the program's own configuration is given: without a device it is meant. */
export function isAboutProgram(argv: readonly string[]): boolean {
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--set" || word === "--config") rest.shift();
    else if (!/^--(?:json$|csv$|set=|config=)/.test(word)) return false;
  }
  return true;
}
