import { resolve } from "node:path";
import { inOwnNetwork } from "../support/own-network.ts";
import type { Report, RunOptions } from "./run.ts";

const MAIN = resolve(import.meta.dir, "main.ts");

export type LaunchOptions = Pick<
  RunOptions,
  "seed" | "rounds" | "main" | "only" | "shortest" | "long" | "retried" | "latency"
> & {
  clients?: number;
  /** Where the logs and the history go. */
  evidence?: string | undefined;
  /** How long it may take at most, ms. */
  deadline: number;
  progress?(text: string): void;
};

/** Runs the suite in a network of its own. */
export function launchChaos(options: LaunchOptions): Promise<Report> {
  const { deadline, progress } = options;
  return inOwnNetwork({ script: MAIN, args: argumentsOf(options), deadline, progress });
}

function argumentsOf({ deadline, progress, ...options }: LaunchOptions): string[] {
  return Object.entries(options).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, String(value)],
  );
}
