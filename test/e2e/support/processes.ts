import { readFileSync } from "node:fs";
import { isAlive, run } from "../../support/process.ts";
import { until } from "./until.ts";

/** Every process that descends from `pid`, without `pid` itself. */
export async function descendants(pid: number): Promise<number[]> {
  const { stdout } = await run(["ps", "-e", "-o", "pid=,ppid="]);
  const parents = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([child = 0, parent = 0]) => ({ child, parent }));
  const found: number[] = [];
  collect(pid);
  return found;

  function collect(of: number): void {
    for (const { child } of parents.filter(({ parent }) => parent === of)) {
      found.push(child);
      collect(child);
    }
  }
}

/** Resolves once none of them runs any more. A zombie runs no more; its parent may be slow to notice. */
export async function gone(pids: readonly number[], deadline = 5_000): Promise<void> {
  await until(`processes ${pids.join(", ")} end`, () => (pids.some(runs) ? null : true), deadline);
}

function runs(pid: number): boolean {
  if (!isAlive(pid)) return false;
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
