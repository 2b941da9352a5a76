import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { program, type Ran, run } from "../support/process.ts";
import { type TempDir, tempDir } from "../support/tempdir.ts";

const ROOT = resolve(import.meta.dir, "../..");

/** Of a machine with neither Bun nor npm on PATH. */
const BARE = ["bash", "cat", "cmp", "cp", "cut", "dirname", "flock", "grep", "mkdir", "mv", "readlink", "rm"];

describe("a clone on a machine that lacks things", () => {
  let temporary: TempDir;
  let clone: string;
  beforeAll(() => {
    temporary = tempDir("set up");
    clone = temporary.file("a clone");
    mkdirSync(join(clone, "src"), { recursive: true });
    for (const name of ["bin", "package.json", "bun.lock", "bunfig.toml"]) {
      cpSync(join(ROOT, name), join(clone, name), { recursive: true });
    }
    writeFileSync(join(clone, "src/main.ts"), "console.log('reached', ...process.argv.slice(2));\n");
  });
  afterAll(() => temporary.remove());

  /** Runs bin/netpulse with nothing on PATH but what a bare machine has, and these scripts by name. */
  function netpulse(scripts: Record<string, string>, args: string[] = []): Promise<Ran> {
    const path = join(temporary.path, `path-${crypto.randomUUID()}`);
    mkdirSync(path);
    for (const name of [...BARE, "sed", "tail"]) symlinkSync(program(name, "coreutils"), join(path, name));
    for (const [name, text] of Object.entries(scripts)) {
      writeFileSync(join(path, name), `#!/bin/bash\n${text}\n`);
      chmodSync(join(path, name), 0o755);
    }
    return run([join(clone, "bin/netpulse"), ...args], { env: { PATH: path }, cwd: "/" });
  }

  const { engines } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    engines: { bun: string };
  };

  test("without npm it says what to install, in one line", async () => {
    expect(await netpulse({})).toEqual({
      code: 2,
      stdout: "",
      stderr:
        `netpulse: Bun ${engines.bun} is not here, nor npm to get it with: ` +
        `install Node.js 20 with npm, or put Bun ${engines.bun} on PATH\n`,
    });
  });

  test("when npm fails it says why and where npm's words are", async () => {
    const { code, stderr } = await netpulse({ npm: "echo 'npm error code ENOTFOUND' >&2; exit 1" });
    expect(code).toBe(2);
    expect(stderr).toBe(
      `netpulse: installing Bun ${engines.bun} into .tools (once)\n` +
        `netpulse: npm could not get Bun ${engines.bun} (npm error code ENOTFOUND): check the network and ` +
        `'npm config get registry', then run it again; npm's words are in ${clone}/.tools/install.log\n`,
    );
  });

  test("another version of Bun on PATH is not used", async () => {
    const { stderr } = await netpulse({ bun: "echo 0.0.1" });
    expect(stderr).toContain("is not here, nor npm to get it with");
  });

  test("a Bun of the right version on PATH is used, packages are installed once, and arguments arrive whole", async () => {
    const bun = `
      if [ "$1" = install ]; then echo "$@" >>'${temporary.path}/installs'; mkdir -p node_modules; exit; fi
      exec '${process.execPath}' "$@"`;
    for (const _ of ["first", "second"]) {
      const { stdout, stderr } = await netpulse({ bun }, ["two words", "--flag"]);
      expect({ stdout, stderr: stderr.replace(/^netpulse: installing the packages.*\n/, "") }).toEqual({
        stdout: "reached two words --flag\n",
        stderr: "",
      });
    }
    const installs = await Bun.file(temporary.file("installs")).text();
    expect(installs).toBe("install --frozen-lockfile --ignore-scripts\n");
  });
});
