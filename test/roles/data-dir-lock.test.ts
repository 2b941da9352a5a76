import { expect, test } from "bun:test";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { StartupError } from "../../src/core/errors.ts";
import { lockDataDir } from "../../src/roles/data-dir-lock.ts";
import { run } from "../support/process.ts";
import { tempDir } from "../support/tempdir.ts";

const LOCK = join(import.meta.dir, "../../src/roles/data-dir-lock.ts");

test("a data folder is held by one process until it lets go", async () => {
  using folder = tempDir("lock");
  const lock = await lockDataDir(folder.path);
  expect(await refusal(folder.path)).toContain("another netpulse serve uses the data folder");
  lock.release();
  (await lockDataDir(folder.path)).release();
});

test("by whatever name the folder is called", async () => {
  using folder = tempDir("lock");
  const lock = await lockDataDir(folder.path);
  expect(await refusal(`${folder.path}/../${folder.path.split("/").at(-1)}`)).toContain(
    "another netpulse serve",
  );
  lock.release();
});

test("also where the path is too long for a socket", async () => {
  using folder = tempDir("lock");
  const deep = folder.file("d".repeat(120));
  mkdirSync(deep);
  const lock = await lockDataDir(deep);
  expect(await refusal(deep)).toContain("another netpulse serve");
  lock.release();
});

test("a process that was killed leaves the folder free", async () => {
  using folder = tempDir("lock");
  const script = `import { lockDataDir } from ${JSON.stringify(LOCK)};
    await lockDataDir(${JSON.stringify(folder.path)});
    process.kill(process.pid, "SIGTERM");`;
  const killed = await run([process.execPath, "-e", script]);
  expect(killed.code).not.toBe(0);
  expect(existsSync(folder.file("serve.sock"))).toBe(true);
  (await lockDataDir(folder.path)).release();
});

async function refusal(path: string): Promise<string> {
  try {
    await lockDataDir(path);
  } catch (error) {
    if (error instanceof StartupError) return error.message;
    throw error;
  }
  return "";
}
