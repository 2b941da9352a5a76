import { resolve } from "node:path";
import { sweepRouters } from "../support/frr.ts";
import { inNamespace, makeNamespace, removeNamespace } from "../support/namespaces.ts";
import { asRoot, startChild } from "../support/process.ts";
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

/** Runs the suite as root in a network of its own, and ends whatever it leaves. */
export async function launchChaos(options: LaunchOptions): Promise<Report> {
  await sweepRouters();
  const name = await makeNamespace();
  try {
    const { PATH = "", TMPDIR = "/tmp" } = process.env;
    const command = [process.execPath, "--no-env-file", MAIN, ...argumentsOf(options)];
    const child = startChild(
      asRoot(inNamespace(name, ["env", `PATH=${PATH}`, `TMPDIR=${TMPDIR}`, ...command])),
      {
        env: { PATH, TMPDIR },
        onStderr: (text) => options.progress?.(text),
      },
    );
    const [line] = await child.waitFor(/^\{"seed".*\}$/m, { deadline: options.deadline });
    await child.exited;
    return JSON.parse(line);
  } finally {
    await removeNamespace(name);
  }
}

function argumentsOf({ deadline, progress, ...options }: LaunchOptions): string[] {
  return Object.entries(options).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, String(value)],
  );
}
