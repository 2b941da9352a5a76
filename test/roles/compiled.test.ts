import { expect, setDefaultTimeout, test } from "bun:test";
import { resolve } from "node:path";
import { must, run } from "../support/process.ts";
import { tempDir } from "../support/tempdir.ts";

setDefaultTimeout(60_000);

const ROOT = resolve(import.meta.dir, "../..");
/** The program, and the threads that it starts. */
const ENTRIES = ["src/main.ts", "src/storage/sqlite/examination/thread.ts"];
/** Native parts that ssh2 does without. */
const LEFT_OUT = ["--external", "cpu-features", "--external", "*.node"];

test("compiled into one file, away from its source, the program examines a store too", async () => {
  using folder = tempDir("compiled");
  const netpulse = folder.file("netpulse");
  await must([process.execPath, "build", "--compile", ...LEFT_OUT, ...ENTRIES, "--outfile", netpulse], {
    cwd: ROOT,
  });
  const options = { cwd: folder.path, env: { NETPULSE_DATA_DIR: folder.file("data") } };
  expect(await must([netpulse, "migrate"], options)).toContain("schema version 0 ->");
  expect(await run([netpulse, "doctor"], options)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("all is in order"),
    stderr: "",
  });
  expect(await must([netpulse, "backup", "copy.db"], options)).toContain("checked");
});
