import { Database } from "bun:sqlite";
import { cpus, loadavg, release, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import type { Contestant } from "./contestants.ts";
import { redisVersion } from "./redis-server.ts";

/**
 * One line each: the machine, what runs on it, and which versions are compared. Throws where the packages are not
 * installed.
 */
export async function conditions(contestants: Contestant[]): Promise<string[]> {
  const processors = cpus();
  const machine = `${processors.length} × ${processors[0]?.model.trim() ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  const [commit, files, redis] = await Promise.all([
    output(["git", "log", "-1", "--format=%h"]),
    output(["stat", "-f", "-c", "%T", tmpdir()]),
    redisVersion(),
  ]);
  const versions = await Promise.all(contestants.map(versionOf));
  return [
    `${new Date().toISOString().slice(0, 10)}, NetPulse at ${commit || "an unknown commit"}.`,
    `${machine}, Linux ${release()}, files on ${files || "an unknown file system"}; load before the run ${loadavg()[0]?.toFixed(1)}.`,
    `Bun ${Bun.version}, Redis ${redis}, SQLite ${sqliteVersion()}${versions.map((text) => (text ? `, ${text}` : "")).join("")}.`,
  ];
}

async function versionOf(contestant: Contestant): Promise<string | null> {
  if (contestant.package === null) return null;
  const file = Bun.file(join(import.meta.dir, "node_modules", contestant.package, "package.json"));
  if (!(await file.exists())) throw new Error("the packages are not installed: bun install --cwd bench");
  const { version }: { version: string } = await file.json();
  return `${contestant.package} ${version}`;
}

function sqliteVersion(): string {
  using db = new Database(":memory:");
  return (
    db.prepare<{ version: string }, []>("SELECT sqlite_version() AS version").get()?.version ?? "unknown"
  );
}

async function output(command: string[]): Promise<string> {
  const child = Bun.spawn(command, { cwd: import.meta.dir, stdio: ["ignore", "pipe", "ignore"] });
  return (await child.stdout.text()).trim();
}
