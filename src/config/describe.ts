import { MASK } from "../core/mask.ts";
import { showBytes } from "./kinds.ts";
import type { LoadedConfig } from "./load.ts";
import { type Config, type KeyEntry, keyEntries } from "./schema.ts";
import type { Origin } from "./sources.ts";
import { maskUrl } from "./url-secrets.ts";

/** One key as it is in force. */
export interface ConfigRow {
  key: string;
  /** Secrets are asterisks; null when there is none. */
  value: string | number | null;
  unit: "seconds" | "bytes" | null;
  from: Origin["kind"];
  /** The file, variable or option that set it; null for a default. */
  source: string | null;
  env: string;
}

export function describeConfig({ config, origins }: LoadedConfig): ConfigRow[] {
  return keyEntries().map((entry) => {
    const origin = origins.get(entry.name);
    return {
      key: entry.name,
      value: shown(entry, valueIn(config, entry)),
      unit: entry.key.unit,
      from: origin?.kind ?? "default",
      source: origin?.name || null,
      env: entry.env,
    };
  });
}

/** A value with its unit, as people write it: `4MiB`, `30 s`. */
export function showValue({ value, unit }: Pick<ConfigRow, "value" | "unit">): string {
  if (value === null) return "-";
  if (unit === "bytes") return showBytes(Number(value));
  return unit === "seconds" ? `${value} s` : String(value);
}

function valueIn(config: Config, { path }: KeyEntry): string | number | null {
  return path.reduce<unknown>((value, name) => Reflect.get(value as object, name), config) as
    | string
    | number
    | null;
}

function shown({ key }: KeyEntry, value: string | number | null): string | number | null {
  if (value === null || typeof value === "number") return value;
  return key.secret ? MASK : maskUrl(value);
}
