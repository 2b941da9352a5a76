import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { createServer } from "node:net";
import { resolve } from "node:path";
import { until } from "../e2e/support/until.ts";
import { type Child, isAlive, must, startChild } from "../support/process.ts";
import { type TempDir, tempDir } from "../support/tempdir.ts";

const QUICKSTART = resolve(import.meta.dir, "../../bin/quickstart");

describe("bin/quickstart", () => {
  let elsewhere: TempDir;
  beforeEach(() => {
    elsewhere = tempDir("quick start");
  });
  afterEach(() => elsewhere.remove());

  function quickstart(args: string[], env: Record<string, string> = {}): Child {
    const { PATH = "", HOME = "/", TMPDIR = "/tmp" } = process.env;
    return startChild([QUICKSTART, ...args], { cwd: elsewhere.path, env: { PATH, HOME, TMPDIR, ...env } });
  }

  test("--once prints the job as the API gives it and leaves nothing running", async () => {
    const child = quickstart(["--once", "--port", "0"]);
    const { code } = await child.exited;
    expect({ code, output: code === 0 ? "" : child.output() }).toEqual({ code: 0, output: "" });
    const [printed = ""] = child.stdout().match(/^\{$[\s\S]*?^\}$/m) ?? [];
    const job = JSON.parse(printed);
    expect(job).toMatchObject({ status: "finished", command: ["show version"], result: { type: "success" } });
    expect(job.result.retval).toContain("Cisco IOS");
    expect(await processesNaming(elsewhere.path)).toEqual([]);
  });

  test("serves on until Ctrl-C, says where and with which key, and leaves nothing running", async () => {
    const child = quickstart(["--port", "0"]);
    const [, url = "", key = ""] = await child.waitFor(
      /^NetPulse +(\S+)[\s\S]*^API key +(\S+)[\s\S]*Ctrl-C ends/m,
    );
    const answer = await fetch(`${url}/job`, { headers: { "X-API-KEY": key } });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain("show version");
    const family = await descendants(child.pid);
    expect(family.length).toBeGreaterThanOrEqual(3);

    child.kill("SIGINT");

    expect(await child.exited).toEqual({ code: 0, signal: null });
    expect(family.filter(isRunning)).toEqual([]);
  });

  test("killed, it takes everything it started with it", async () => {
    const child = quickstart(["--port", "0"]);
    await child.waitFor(/Ctrl-C ends/);
    const family = await descendants(child.pid);

    child.kill("SIGKILL");

    await until("the end of what quickstart started", () => (family.some(isRunning) ? null : true));
  });

  test("a port in use is said in one line, with the way out", async () => {
    using taken = await listener();
    const child = quickstart(["--once"], { NETPULSE_SERVER__PORT: String(taken.port) });
    expect((await child.exited).code).toBe(2);
    expect(child.output()).toBe(
      `quickstart: port ${taken.port} of 127.0.0.1 is in use: set NETPULSE_SERVER__PORT, or --port, to another\n`,
    );
  });

  test("a data folder that cannot be written is said in one line, with the way out", async () => {
    const child = quickstart(["--once", "--port", "0"], { NETPULSE_DATA_DIR: "/proc/nobody" });
    expect((await child.exited).code).toBe(2);
    expect(child.output()).toBe(
      "quickstart: cannot write to /proc/nobody (ENOENT): set NETPULSE_DATA_DIR to a folder that is yours\n",
    );
  });

  test("an unknown option is refused", async () => {
    const child = quickstart(["--twice"]);
    expect((await child.exited).code).toBe(2);
    expect(child.output()).toBe("quickstart: Unknown option '--twice'; see bin/quickstart --help\n");
  });
});

/** Processes whose command line or environment names this folder. */
async function processesNaming(path: string): Promise<string[]> {
  const listed = await must(["ps", "-e", "-ww", "e", "-o", "pid=,args="]);
  return listed.split("\n").filter((line) => line.includes(path) && !line.includes("ps -e -ww"));
}

/** Every process below this one, itself left out. */
async function descendants(pid: number): Promise<number[]> {
  const listed = (await must(["ps", "-e", "-o", "pid=,ppid="])).trim().split("\n");
  const pairs = listed.map((line) => line.trim().split(/ +/).map(Number));
  const below = (parent: number): number[] =>
    pairs.flatMap(([child = 0, of]) => (of === parent ? [child, ...below(child)] : []));
  return below(pid);
}

/** Whether it runs, and is not merely waiting for whoever adopted it to notice its end. */
function isRunning(pid: number): boolean {
  if (!isAlive(pid)) return false;
  const { stdout } = Bun.spawnSync(["ps", "-o", "stat=", "-p", String(pid)]);
  return !/^(?:Z|$)/.test(stdout.toString().trim());
}

function listener(): Promise<{ port: number; [Symbol.dispose](): void }> {
  return new Promise((done, refuse) => {
    const server = createServer();
    server.once("error", refuse);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") return refuse(new Error("no TCP address"));
      done({ port: address.port, [Symbol.dispose]: () => void server.close() });
    });
  });
}
