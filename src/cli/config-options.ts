import type { Command } from "commander";
import { type LoadedConfig, loadConfig } from "../config/load.ts";

/** The options of every command that reads the configuration. */
export interface ConfigOptions {
  set?: string[];
  config?: string;
}

export function addConfigOptions(command: Command): Command {
  return command
    .option("--config <file>", "YAML file with the configuration (else NETPULSE_CONFIG names it)")
    .option("--set <section.key=value>", "set one key; may be repeated", collect);
}

export function loadFromOptions(options: ConfigOptions): LoadedConfig {
  const file = options.config === undefined ? {} : { file: options.config };
  return loadConfig({ ...file, overrides: options.set ?? [] });
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}
