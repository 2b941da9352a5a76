import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { cpSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { type CleanRoot, cleanRoot } from "./support/clean-root.ts";
import { readDockerfile, stagesOf, variablesOf, wordsOf } from "./support/dockerfile.ts";
import { type Child, must, run, startChild } from "./support/process.ts";
import { type TempDir, tempDir } from "./support/tempdir.ts";

setDefaultTimeout(120_000);

const ROOT = resolve(import.meta.dir, "..");
const instructions = readDockerfile(readFileSync(join(ROOT, "Dockerfile"), "utf8"));
const [build = [], image = []] = stagesOf(instructions);
const copied = build.filter(({ name }) => name === "COPY").map(({ words }) => words.split(" "));

test("the image is built with the version of Bun that package.json names", () => {
  const { engines } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const defaults = instructions.filter(({ name }) => name === "ARG").map(({ words }) => words);
  expect(defaults).toContain(`BUN=oven/bun:${engines.bun}`);
  expect(build[0]?.words).toBe(`\${BUN} AS build`);
});

test("no more of a clone is sent to the build than it takes", () => {
  const lines = readFileSync(join(ROOT, ".dockerignore"), "utf8").split("\n");
  expect(lines).toContain("*");
  const sent = lines.filter((line) => line.startsWith("!")).map((line) => line.slice(1));
  expect(sent.sort()).toEqual(copied.flatMap((words) => words.slice(0, -1)).sort());
});

/** The build's steps without an engine, and what comes of them on a root that holds nothing else. */
describe("the image", () => {
  const [uid = ""] = wordsOf(image, "USER").split(":");
  const [, program = ""] = wordsOf(image, "COPY").match(/^--from=build \/out\/netpulse (\S+)$/) ?? [];
  const listOf = (name: string): string[] => JSON.parse(wordsOf(image, name));
  const settings = {
    ...variablesOf(wordsOf(image, "ENV")),
    NETPULSE_SERVER__PORT: "0",
    NETPULSE_SERVER__API_KEY: "a-key-of-the-image",
  };

  let stage: TempDir;
  let folder: TempDir;
  let root: CleanRoot;
  let serve: Child;
  let url: string;
  beforeAll(async () => {
    stage = tempDir("build-stage");
    folder = tempDir("image", 0o755);
    await runBuildStage(stage);
    const from = stage.file("out/netpulse");
    root = await cleanRoot({ folder, program: { from, to: program }, uid, writable: ["/data", "/tmp"] });
    serve = startChild(root.command(listOf("CMD"), settings));
    [, url = ""] = await serve.waitFor(/^netpulse serving at (\S+)/m, { deadline: 60_000 });
  });
  afterAll(async () => {
    await serve?.stop();
    folder?.remove();
    stage?.remove();
  });

  test("has the binary for its entry point, on PATH", () => {
    expect(listOf("ENTRYPOINT")).toEqual(["netpulse"]);
    expect(program).toBe("/usr/local/bin/netpulse");
  });

  test("serves as a user of its own on all addresses, and its health check finds it", async () => {
    expect(uid).toBe("65532");
    expect(url).toStartWith("http://0.0.0.0:");
    const [, check = ""] = wordsOf(image, "HEALTHCHECK").match(/CMD (\[.*\])$/) ?? [];
    const [name, ...argv] = JSON.parse(check);
    expect(name).toBe("netpulse");
    const env = { ...settings, NETPULSE_SERVER__PORT: new URL(url).port };
    expect(await must(root.command(argv, env))).toStartWith("alive: http://127.0.0.1:");
    expect((await run(root.command(argv, { ...env, NETPULSE_SERVER__PORT: "1" }))).code).toBe(1);
  });

  test("is every role and command: a lab, and a job on it", async () => {
    const lab = startChild(root.command(["lab", "--port", "0", "--json", "--host-key", "/tmp/key"], {}));
    try {
      const [ready] = await lab.waitFor(/^\{"lab":"ready".*\}$/m);
      const { host, port } = JSON.parse(ready).devices[0];
      const env = {
        NETPULSE_URL: url.replace("0.0.0.0", "127.0.0.1"),
        NETPULSE_API_KEY: settings.NETPULSE_SERVER__API_KEY,
        NETPULSE_DEVICE_USERNAME: "admin",
        NETPULSE_DEVICE_PASSWORD: "admin",
      };
      const exec = root.command(["exec", `${host}:${port}`, "show clock", "-t", "cisco_ios"], env);
      expect(await must(exec)).toMatch(/^\*?\d\d:\d\d:\d\d/);
    } finally {
      await lab.stop();
    }
  });

  test("knows what it was built from", async () => {
    expect(await must(root.command(["--version"], {}))).toContain("(0123456789ab)");
  });

  test("stops in order when it is told to", async () => {
    expect(await serve.stop()).toEqual({ code: 0, signal: null });
  });
});

/** The COPY and RUN of the first stage, in a folder; what it puts into /out is in `out` there. */
async function runBuildStage(stage: TempDir): Promise<void> {
  const cwd = stage.file("netpulse");
  mkdirSync(cwd);
  mkdirSync(stage.file("bin"));
  symlinkSync(process.execPath, stage.file("bin/bun"));
  const PATH = `${stage.file("bin")}:${process.env.PATH}`;
  const env = { ...(process.env as Record<string, string>), PATH, COMMIT: "0123456789ab" };
  for (const { name, words } of build) {
    if (name === "COPY") copy(words.split(" "), cwd);
    if (name !== "RUN") continue;
    const command = words.replace(" /out", ` '${stage.file("out")}'`);
    await must(["sh", "-c", command], { cwd, env, deadline: 100_000 });
  }
}

function copy(words: string[], cwd: string): void {
  const to = words.at(-1) ?? "";
  for (const from of words.slice(0, -1)) {
    cpSync(join(ROOT, from), join(cwd, to.endsWith("/") ? join(to, from) : to), { recursive: true });
  }
}
