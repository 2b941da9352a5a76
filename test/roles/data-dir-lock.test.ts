import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StartupError } from "../../src/core/errors.ts";
import { lockDataDir, lockNodeName } from "../../src/roles/data-dir-lock.ts";
import { startChild } from "../support/process.ts";
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

test("also where its path is long", async () => {
  using folder = tempDir("lock");
  const deep = folder.file("d".repeat(120));
  mkdirSync(deep);
  const lock = await lockDataDir(deep);
  expect(await refusal(deep)).toContain("another netpulse serve");
  lock.release();
});

test("of many processes that start in the same millisecond exactly one holds it", async () => {
  using parent = tempDir("lock");
  const folders = Array.from({ length: 10 }, (_, n) => parent.file(`${n}`));
  for (const folder of folders) mkdirSync(folder);
  const script = `import { lockDataDir, lockNodeName } from ${JSON.stringify(LOCK)};
    const lines = console[Symbol.asyncIterator]();
    console.log("ready");
    const start = Number((await lines.next()).value);
    const told = [];
    for (const [n, folder] of ${JSON.stringify(folders)}.entries()) {
      while (Date.now() < start + n * 10);
      told.push(await lockDataDir(folder).then(() => "held", (error) => error.message));
    }
    console.log("told " + JSON.stringify(told));
    await lines.next();`;
  const children = Array.from({ length: 6 }, () => startChild([process.execPath, "-e", script]));
  try {
    await Promise.all(children.map((child) => child.waitFor(/ready/)));
    for (const child of children) child.write(`${Date.now() + 50}\n`);
    const told = await Promise.all(
      children.map(async (child) => JSON.parse((await child.waitFor(/told (.*)\n/))[1] ?? "") as string[]),
    );
    for (const [n, folder] of folders.entries()) {
      const answers = told.map((each) => each[n] ?? "");
      expect(answers.filter((each) => each === "held")).toHaveLength(1);
      expect(answers.filter((each) => each.startsWith("another netpulse serve"))).toHaveLength(5);
      expect(await refusal(folder)).toContain("another netpulse serve");
    }
  } finally {
    await Promise.all(children.map((child) => child.stop()));
  }
});

test("who was refused, or has let go, does not free it for a third", async () => {
  using folder = tempDir("lock");
  const first = await lockDataDir(folder.path);
  first.release();
  const second = await lockDataDir(folder.path);
  first.release();
  expect(await refusal(folder.path)).toContain("another netpulse serve");
  expect(await refusal(folder.path)).toContain("another netpulse serve");
  second.release();
});

test("it is held also when nobody keeps what was returned", async () => {
  using parent = tempDir("lock");
  const folders = Array.from({ length: 30 }, (_, n) => parent.file(`${n}`));
  for (const folder of folders) {
    mkdirSync(folder);
    await lockDataDir(folder);
  }
  for (let n = 0; n < 10; n++) {
    Bun.gc(true);
    await new Promise<void>((resume) => setImmediate(resume));
  }
  for (const folder of folders) expect(await refusal(folder)).toContain("another netpulse serve");
});

test("a process that was killed leaves the folder free", async () => {
  using folder = tempDir("lock");
  const script = `import { lockDataDir, lockNodeName } from ${JSON.stringify(LOCK)};
    await lockDataDir(${JSON.stringify(folder.path)});
    process.kill(process.pid, "SIGKILL");`;
  expect(await startChild([process.execPath, "-e", script]).exited).toMatchObject({ signal: "SIGKILL" });
  expect(readdirSync(folder.path)).toEqual(["serve.lock"]);
  (await lockDataDir(folder.path)).release();
});

test("the lock is for its owner alone, also where somebody has made it wider", async () => {
  using folder = tempDir("lock", 0o755);
  const path = folder.file("serve.lock");
  const modeOfLock = async () => {
    const lock = await lockDataDir(folder.path);
    lock.release();
    return (statSync(path).mode & 0o777).toString(8);
  };
  expect(await modeOfLock()).toBe("600");
  chmodSync(path, 0o644);
  expect(await modeOfLock()).toBe("600");
});

test("a folder in which no lock can be kept is refused with the reason", async () => {
  using folder = tempDir("lock");
  writeFileSync(folder.file("serve.lock"), "no database at all".repeat(100));
  expect(await refusal(folder.path)).toBe(`the data folder ${folder.path} cannot be locked (SQLITE_NOTADB)`);
});

test("a node's name is held in its folder, beside the folder itself and other names", async () => {
  using folder = tempDir("lock");
  const long = "n".repeat(253);
  const locks = [
    await lockDataDir(folder.path),
    await lockNodeName(folder.path, "a"),
    await lockNodeName(folder.path, "b"),
    await lockNodeName(folder.path, long),
  ];
  expect(await refusal(folder.path, (path) => lockNodeName(path, "a"))).toContain("is the node a; stop it");
  expect(await refusal(folder.path, (path) => lockNodeName(path, long))).toContain("another process");
  for (const lock of locks) lock.release();
  (await lockNodeName(folder.path, "a")).release();
});

async function refusal(
  path: string,
  take: (path: string) => Promise<unknown> = lockDataDir,
): Promise<string> {
  try {
    await take(path);
  } catch (error) {
    if (error instanceof StartupError) return error.message;
    throw error;
  }
  return "";
}
