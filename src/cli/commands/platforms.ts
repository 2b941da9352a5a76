import { type CliCommand, parser } from "../cli.ts";

/** A platform of the `cli` driver, as people are shown it. */
interface PlatformRow {
  device_type: string;
  aliases: readonly string[];
  title: string;
  config: string;
  save: string | null;
  commit_confirm: { min: number; max: number } | null;
}

const HEAD = ["DEVICE TYPE", "ALSO", "DEVICES", "CONFIG TAKES EFFECT", "COMMIT_CONFIRM", "SAVE TYPES"];

/** `netpulse platforms`: the values of `device_type`, and what each can do. */
export function platformsCommand(rows: readonly PlatformRow[]): CliCommand["run"] {
  return async (argv, io) => {
    const summary = "Kinds of devices with a command line: the values of connection_args.device_type.";
    const command = parser({ name: "netpulse platforms", summary }, io)
      .option("--json", "print JSON")
      .allowExcessArguments(false)
      .action((options: { json?: boolean }) => {
        io.out(options.json ? `${JSON.stringify(rows, null, 2)}\n` : table(rows));
      });
    await command.parseAsync([...argv], { from: "user" });
    return 0;
  };
}

function table(rows: readonly PlatformRow[]): string {
  const lines = [HEAD, ...rows.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

function cells({ device_type, aliases, title, config, commit_confirm: trial, save }: PlatformRow): string[] {
  const bounds = trial === null ? "-" : `${trial.min} to ${trial.max} s`;
  return [device_type, aliases.join(", ") || "-", title, config, bounds, save ?? "-"];
}
