import type { Environment } from "../config/environment.ts";
import type { Config } from "../config/schema.ts";
import type { Grace } from "../engine/drain.ts";
import type { Logger } from "../observe/log.ts";

/** Opens the log once this process's own secrets are known: they are hidden wherever they occur in it. */
export type OpenLogger = (secrets: readonly string[]) => Logger;

/** A role that runs until it is told to stop. */
export interface Running {
  log: Logger;
  /** Lines for the terminal: where it is, and what is shown only once. */
  announcement: string[];
  /** Takes nothing new, gives running jobs the grace, ends everything. */
  stop(grace: Grace): Promise<void>;
}

/** Starts a role. Throws `StartupError` when what the operator gave does not allow it. */
export type StartRole = (config: Config, env: Environment, open: OpenLogger) => Promise<Running>;
