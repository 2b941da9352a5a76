import { StartupError } from "../../core/errors.ts";
import type { Format } from "./screen.ts";

export interface FormatOptions {
  json?: boolean;
  csv?: boolean;
}

export function formatOf({ json = false, csv = false }: FormatOptions): Format {
  if (json && csv) throw new StartupError("give --json or --csv, not both");
  return json ? "json" : csv ? "csv" : "people";
}
