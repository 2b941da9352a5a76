import { accessSync, constants, mkdirSync } from "node:fs";
import { StartupError } from "../core/errors.ts";

/** Makes the folder, for its owner alone, if it is not there. Throws `StartupError` when it cannot be used. */
export function makeDataDir(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw new StartupError(
      `the data folder ${path} cannot be used (${(error as NodeJS.ErrnoException).code}); set NETPULSE_DATA_DIR to a folder that is yours`,
    );
  }
}
