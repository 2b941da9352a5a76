import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type ExecRequest, Netpulse } from "../../src/client/index.ts";
import { type Child, must, mustAsRoot, type Ran, run, startChild } from "../support/process.ts";
import { startRedis } from "../support/redis.ts";
import { type TempDir, tempDir } from "../support/tempdir.ts";

setDefaultTimeout(120_000);

const ROOT = resolve(import.meta.dir, "../..");
const KEY = "a-key-of-the-tests-of-the-binary";
const DRIVER = `
  import { addressArgs, defineDriver, Type } from "netpulse/driver";
  const closed = { additionalProperties: false };
  export default defineDriver({
    name: "echo", aliases: [], summary: "says what it is told", defaultQueue: "fifo", defaultPort: 1,
    operations: ["command"], connectionArgs: Type.Object(addressArgs, closed), driverArgs: Type.Object({}, closed),
    check: () => [],
    connect: async () => ({
      async *run({ operation: { commands } }: any) {
        for (const [index, command] of commands.entries()) {
          yield { kind: "start", index };
          yield { kind: "data", index, stream: "stdout", text: command };
          yield { kind: "end", index, ok: true, exitStatus: 0 };
        }
      },
      health: async () => true, close: async () => {}, destroy() {},
    }),
  });`;
/** What a program that takes code or settings from its folder would take; each tells on itself, or stops the start. */
const HOSTILE = {
  ".env": "NETPULSE_LOG__LEVEL=hostile\n",
  ".env.production": "NETPULSE_LOG__LEVEL=hostile\n",
  "bunfig.toml": 'preload = ["./hostile.js"]\n[run]\npreload = ["./hostile.js"]\n',
  "hostile.js": 'console.error("HOSTILE"); process.exit(66);\n',
  "package.json": '{"type": "commonjs", "imports": {"#a": "./hostile.js"}}\n',
  "tsconfig.json": '{"compilerOptions": {"paths": {"*": ["./hostile.js"]}}}\n',
  "node_modules/cpu-features/index.js": 'console.error("HOSTILE"); process.exit(66);\n',
  "node_modules/ssh2/index.js": 'console.error("HOSTILE"); process.exit(66);\n',
};

let out: TempDir;
let folder: TempDir;
let netpulse: string;
let built: Ran;
beforeAll(async () => {
  out = tempDir("build");
  folder = tempDir("hostile folder");
  built = await run([join(ROOT, "bin/build"), "--outdir", out.path], { cwd: folder.path, deadline: 110_000 });
  netpulse = out.file("netpulse");
  for (const [name, text] of Object.entries(HOSTILE)) put(name, text);
  put("drivers/echo.ts", DRIVER);
  put("templates/hello.j2", "hello {{ name }}");
});
afterAll(() => {
  out?.remove();
  folder?.remove();
});

function put(name: string, text: string): void {
  mkdirSync(dirname(folder.file(name)), { recursive: true });
  writeFileSync(folder.file(name), text);
}

/** Nothing of this machine but the binary: no PATH, so no Bun. */
const alone = (env: Record<string, string> = {}) => ({ cwd: folder.path, env });

describe("bin/build", () => {
  test("makes one file for this machine, from any folder, with its checksum", async () => {
    expect(built).toEqual({ code: 0, stdout: "", stderr: `bin/build: ${netpulse}: made\n` });
    expect([...new Bun.Glob("**").scanSync({ cwd: out.path, dot: true })].sort()).toEqual([
      "SHA256SUMS",
      "netpulse",
    ]);
    expect(await must(["sha256sum", "--check", "SHA256SUMS"], { cwd: out.path })).toBe("netpulse: OK\n");
  });

  test("which knows its version and what it was built from", async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    const head = (await must(["git", "-C", ROOT, "rev-parse", "--short=12", "HEAD"])).trim();
    const printed = await must([netpulse, "--version"], alone());
    expect(printed).toMatch(new RegExp(`^${version.replaceAll(".", "\\.")} \\(${head}(?:-changed)?\\)\n$`));
  });

  test("says which machines there are, and of each that could not be made why", async () => {
    const unknown = await run([join(ROOT, "bin/build"), "--target", "plan9"]);
    expect(unknown).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("no target plan9; there are linux-x64,"),
    });
    using empty = tempDir("home");
    // Root of a network without a way out, and with nothing in its cache.
    const env = ["env", `PATH=${process.env.PATH}`, `HOME=${empty.path}`, `BUN_INSTALL=${empty.path}`];
    const build = [join(ROOT, "bin/build"), "--target", "darwin-arm64", "--outdir", out.file("others")];
    const isolated = mustAsRoot(["unshare", "--net", ...env, ...build]);
    await expect(isolated).rejects.toThrow(
      `${out.file("others")}/netpulse-darwin-arm64: not made: Failed to download 'bun-darwin-aarch64-v${Bun.version}'`,
    );
  });
});

describe("the binary, in a folder that means ill, without anything else", () => {
  let serve: Child;
  let lab: Child;
  let url: string;
  let devices: { host: string; port: number }[];
  beforeAll(async () => {
    const settings = {
      NETPULSE_SERVER__PORT: "0",
      NETPULSE_SERVER__API_KEY: KEY,
      NETPULSE_DRIVERS_DIR: "drivers",
      NETPULSE_TEMPLATES_DIR: "templates",
    };
    serve = startChild([netpulse, "serve"], alone(settings));
    lab = startChild([netpulse, "lab", "--devices", "3", "--port", "0", "--json"], alone());
    [, url = ""] = await serve.waitFor(/^netpulse serving at (\S+)/m);
    const [ready] = await lab.waitFor(/^\{"lab":"ready".*\}$/m);
    ({ devices } = JSON.parse(ready));
  });
  afterAll(async () => {
    await serve?.stop();
    await lab?.stop();
  });

  const client = (...argv: string[]) =>
    run(
      [netpulse, ...argv],
      alone({
        NETPULSE_URL: url,
        NETPULSE_API_KEY: KEY,
        NETPULSE_DEVICE_USERNAME: "admin",
        NETPULSE_DEVICE_PASSWORD: "admin",
      }),
    );

  test("runs a command on a device", async () => {
    const [device] = devices;
    const done = await client("exec", `${device?.host}:${device?.port}`, "show clock", "-t", "cisco_ios");
    expect(done).toMatchObject({ code: 0, stderr: "" });
    expect(done.stdout).toMatch(/^\*?\d\d:\d\d:\d\d/);
  });

  test("runs a bulk", async () => {
    const list = ["host,port", ...devices.map(({ host, port }) => `${host},${port}`)].join("\n");
    put("devices.csv", list);
    const done = await client("bulk", "devices.csv", "show version", "-t", "cisco_ios", "--json");
    expect(done.code).toBe(0);
    expect(done.stdout.match(/"status": ?"finished"/g)).toHaveLength(3);
  });

  test("loads a driver and a template from folders", async () => {
    const { devices, jobs, templates } = new Netpulse({ url, apiKey: KEY });
    const echo = { driver: "echo", connection_args: { host: "192.0.2.1" }, command: "hello" };
    const { id } = await devices.exec(echo as unknown as ExecRequest);
    expect((await jobs.wait(id)).result).toMatchObject({ type: "success", retval: "hello" });
    const hello = {
      name: "jinja2" as const,
      template: `file://${folder.file("templates/hello.j2")}`,
      context: { name: "you" },
    };
    expect(await templates.render(hello)).toBe("hello you");
  });

  test("serves the pages that it announces, and their files", async () => {
    await serve.waitFor(/^Swagger UI at /m);
    const pages = [...serve.output().matchAll(/^[A-Z][\w ]+ at (http\S+)$/gm)].map(([, page = ""]) => page);
    expect(pages).toContain(`${url}/swagger`);
    for (const page of pages) {
      const html = await (await fetch(page)).text();
      const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = ""]) => path);
      expect(files.length).toBeGreaterThan(2);
      for (const path of files) {
        const answer = await fetch(new URL(path, page));
        expect([path, answer.status, (await answer.arrayBuffer()).byteLength > 100]).toEqual([
          path,
          200,
          true,
        ]);
      }
    }
  });

  test("is found alive, and stops when it is told to", async () => {
    const port = new URL(url).port;
    expect(await must([netpulse, "alive"], alone({ NETPULSE_SERVER__PORT: port }))).toBe(`alive: ${url}\n`);
    serve.kill("SIGTERM");
    expect(await serve.exited).toEqual({ code: 0, signal: null });
    expect(serve.output() + lab.output()).not.toContain("HOSTILE");
  });

  test("a driver that cannot be used stops its start, with the path and the reason", async () => {
    put("broken/mine.js", 'import "no-such-package";');
    const started = await run(
      [netpulse, "node"],
      alone({ NETPULSE_DRIVERS_DIR: "broken", NETPULSE_DATA_DIR: "other" }),
    );
    expect(started).toMatchObject({ code: 2, stdout: "" });
    expect(started.stderr).toMatch(
      /^netpulse: driver \S+ folder-\w+\/broken\/mine\.js cannot be used: .*no-such-package.*\n$/,
    );
  });

  test("works on Redis, too", async () => {
    await using redis = await startRedis();
    const settings = alone({ NETPULSE_STORAGE__URL: redis.url, NETPULSE_SECRET_KEY: "0".repeat(64) });
    expect(await must([netpulse, "migrate"], settings)).toContain("schema version 0 ->");
    expect(await must([netpulse, "doctor"], settings)).toContain("all is in order");
  });
});
