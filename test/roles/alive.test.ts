import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync } from "node:fs";
import type { Child } from "../support/process.ts";
import { makeCertificates } from "../support/redis-tls.ts";
import { type TempDir, tempDir } from "../support/tempdir.ts";
import { runCommand, startCommand } from "./support.ts";

setDefaultTimeout(60_000);

let dir: TempDir;
let started: Child[];
beforeEach(() => {
  dir = tempDir("alive");
  started = [];
});
afterEach(async () => {
  for (const child of started) await child.stop();
  dir.remove();
});

const env = (more: Record<string, string> = {}) => ({ NETPULSE_DATA_DIR: dir.file("data"), ...more });

function start(role: string, more: Record<string, string> = {}): Child {
  const child = startCommand([role], env(more));
  started.push(child);
  return child;
}

async function portOf(child: Child): Promise<string> {
  const [, port = ""] = await child.waitFor(/^netpulse serving at \S+:(\d+)/m);
  return port;
}

const alive = (argv: string[] = [], more: Record<string, string> = {}) =>
  runCommand(["alive", ...argv], env(more));

describe("netpulse alive", () => {
  test.each(["serve", "api"])("finds the API of %s, without a key", async (role) => {
    const port = await portOf(start(role));
    const { code, stdout } = await alive([], { NETPULSE_SERVER__PORT: port });
    expect({ code, stdout }).toEqual({ code: 0, stdout: `alive: http://127.0.0.1:${port}\n` });
    expect((await alive(["--role", "node"], { NETPULSE_SERVER__PORT: port })).code).toBe(1);
  });

  test("finds it where it speaks TLS, on all addresses", async () => {
    const { cert, key } = await makeCertificates(dir);
    const tls = { NETPULSE_SERVER__TLS__CERT: cert, NETPULSE_SERVER__TLS__KEY: key };
    const where = { ...tls, NETPULSE_SERVER__HOST: "0.0.0.0" };
    const port = await portOf(start("serve", where));
    expect((await alive(["--role", "api"], { ...where, NETPULSE_SERVER__PORT: port })).code).toBe(0);
  });

  test("finds a node, which has no port, and no more once it is frozen, killed or stopped", async () => {
    const node = { NETPULSE_NODE__NAME: `${"long-".repeat(10)}name`, NETPULSE_SERVER__PORT: "1" };
    const first = start("node", node);
    await first.waitFor(/^netpulse node \S+ is running/m);
    expect(await alive([], node)).toMatchObject({
      code: 0,
      stdout: `alive: node ${node.NETPULSE_NODE__NAME}\n`,
    });
    first.kill("SIGSTOP");
    expect(await alive(["--role", "node"], node)).toMatchObject({
      code: 1,
      output: `netpulse: node ${node.NETPULSE_NODE__NAME}: no answer within 2.5 s\n`,
    });
    first.kill("SIGKILL");
    await first.exited;
    expect((await alive([], node)).code).toBe(1);
    const second = start("node", node);
    await second.waitFor(/^netpulse node \S+ is running/m);
    expect((await alive([], node)).code).toBe(0);
    expect(await second.stop()).toMatchObject({ code: 0 });
    expect((await alive([], node)).code).toBe(1);
    expect([...new Bun.Glob("data/*.sock").scanSync({ cwd: dir.path, onlyFiles: false })]).toEqual([]);
  });

  test("says what does not answer", async () => {
    const { code, output } = await alive([], { NETPULSE_SERVER__PORT: "1", NETPULSE_NODE__NAME: "n" });
    expect(code).toBe(1);
    expect(output).toMatch(
      /^netpulse: http:\/\/127\.0\.0\.1:1: is not there \(\w+\)\nnetpulse: node n: is not there \(\w+\)\n$/,
    );
    expect(existsSync(dir.file("data"))).toBe(false);
    expect(await alive(["--role", "lab"])).toMatchObject({
      code: 2,
      output: "netpulse: there is no role lab to ask; give api or node\n",
    });
  });

  test("finds a node whose data folder is deeper than a socket's path may be", async () => {
    const deep = { NETPULSE_DATA_DIR: dir.file("d".repeat(110)) };
    const node = start("node", deep);
    await node.waitFor(/^netpulse node \S+ is running/m);
    expect((await alive(["--role", "node"], deep)).code).toBe(0);
  });

  test("is not needed by a node: one that cannot have its socket says so and works", async () => {
    mkdirSync(dir.file("data/node-n.sock"), { recursive: true });
    const node = start("node", { NETPULSE_NODE__NAME: "n" });
    await node.waitFor(/^netpulse node n is running/m);
    await node.waitFor(/health checks will not find this node/);
  });
});
