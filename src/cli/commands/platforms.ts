import { type CliCommand, parser } from "../cli.ts";
import { type Column, screenOf, withFormatOptions } from "../listing.ts";
import type { FormatOptions } from "../online/format.ts";

/** A platform of the `cli` driver, as people are shown it. */
interface PlatformRow {
  device_type: string;
  aliases: readonly string[];
  title: string;
  config: string;
  save: string | null;
  commit_confirm: { min: number; max: number } | null;
}

const columns: Column<PlatformRow>[] = [
  { name: "device_type", of: ({ device_type }) => device_type },
  { name: "also", of: ({ aliases }) => aliases.join(", ") },
  { name: "devices", of: ({ title }) => title },
  { name: "config_takes_effect", of: ({ config }) => config },
  {
    name: "commit_confirm",
    of: ({ commit_confirm: trial }) => (trial ? `${trial.min} to ${trial.max} s` : ""),
  },
  { name: "save_types", of: ({ save }) => save },
];

/** `netpulse platforms`: the values of `device_type`, and what each can do. */
export function platformsCommand(rows: readonly PlatformRow[]): CliCommand["run"] {
  return async (argv, io) => {
    const summary = "Kinds of devices with a command line: the values of connection_args.device_type.";
    const command = withFormatOptions(parser({ name: "netpulse platforms", summary }, io))
      .allowExcessArguments(false)
      .action((options: FormatOptions) => screenOf(io, options).list(rows, columns, ""));
    await command.parseAsync([...argv], { from: "user" });
    return 0;
  };
}
