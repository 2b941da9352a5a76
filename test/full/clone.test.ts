import { expect, test } from "bun:test";
import { dirname, resolve } from "node:path";
import { must, run } from "../support/process.ts";
import { tempDir } from "../support/tempdir.ts";

const ROOT = resolve(import.meta.dir, "../..");

test("a fresh clone gets Bun and its packages by itself and runs a job", async () => {
  using folder = tempDir("a clone");
  const clone = folder.file("net pulse");
  await must(["git", "clone", "--quiet", ROOT, clone]);
  const { code, stdout, stderr } = await run([`${clone}/bin/quickstart`, "--once", "--port", "0"], {
    cwd: folder.path,
    env: { ...inherited(), PATH: pathWithoutBun() },
    deadline: 300_000,
  });
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  expect(stderr).toContain("installing Bun");
  const [job = ""] = stdout.match(/^\{$[\s\S]*?^\}$/m) ?? [];
  expect(JSON.parse(job)).toMatchObject({ status: "finished", result: { type: "success" } });
}, 310_000);

/** What npm needs to reach its registry comes from the environment. */
function inherited(): Record<string, string> {
  const entries = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return Object.fromEntries(entries.filter(([name]) => !name.startsWith("NETPULSE_")));
}

function pathWithoutBun(): string {
  const folders = (process.env.PATH ?? "").split(":");
  const withBun = folders.map((folder) => Bun.which("bun", { PATH: folder })).filter((bun) => bun !== null);
  return folders.filter((folder) => !withBun.some((bun) => dirname(bun) === folder)).join(":");
}
