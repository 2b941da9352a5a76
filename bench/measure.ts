import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Task } from "./child.ts";
import type { Contestant } from "./contestants.ts";
import { startRedis } from "./redis-server.ts";
import { SCENARIOS, type ScenarioName } from "./scenarios/index.ts";
import type { Figures, Sizes } from "./scenarios/scenario.ts";

/** A measurement that takes longer counts as failed. */
const LIMIT_MS = 120_000;

export type Outcome = { figures: Figures } | { error: string };

/**
 * Measures one contestant in one scenario: a process of its own on a fresh store, both gone afterwards, also when
 * `signal` cuts it short.
 */
export async function measure(
  contestant: Contestant,
  scenario: ScenarioName,
  sizes: Sizes,
  signal: AbortSignal,
): Promise<Outcome> {
  const dir = mkdtempSync(join(tmpdir(), "netpulse-bench-"));
  const redis = contestant.store === "redis" ? await startRedis(dir) : null;
  try {
    const store = { dir, redisPort: redis?.port ?? null, atOnce: SCENARIOS[scenario].atOnce };
    return await runChild({ contestant: contestant.name, scenario, sizes, store }, signal);
  } finally {
    await redis?.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function runChild(task: Task, signal: AbortSignal): Promise<Outcome> {
  const command = [process.execPath, join(import.meta.dir, "child.ts"), JSON.stringify(task)];
  const limits = { signal, timeout: LIMIT_MS, killSignal: "SIGKILL" } as const;
  const child = Bun.spawn(command, { stdio: ["ignore", "pipe", "pipe"], ...limits });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (child.exitCode === 0) return { figures: JSON.parse(out.trim().split("\n").at(-1) ?? "") };
  if (child.signalCode === "SIGKILL") return { error: `no answer within ${LIMIT_MS / 1000} s` };
  return { error: firstError(err) };
}

/** The line that names the error, without the excerpt of source before it. */
function firstError(output: string): string {
  const lines = output.split("\n").map((line) => line.trim());
  return (
    lines.find((line) => /^(\w*Error|error)\b/.test(line)) ??
    lines.find((line) => line !== "") ??
    "no reason given"
  );
}
