import { afterAll, afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { copyFileSync, readdirSync } from "node:fs";
import { Api } from "../e2e/support/api.ts";
import { startDevice } from "../e2e/support/device.ts";
import { on, startHeldJob } from "../e2e/support/held-job.ts";
import type { Child } from "../support/process.ts";
import { type RedisSet, startCluster, startRedis } from "../support/redis.ts";
import { type TempDir, tempDir } from "../support/tempdir.ts";
import { runCommand, startCommand } from "./support.ts";

setDefaultTimeout(40_000);

const KEY = "api-key-of-the-roles-tests";
const LEASE = {
  NETPULSE_WORKER__LEASE: "2",
  NETPULSE_WORKER__LEASE_MARGIN: "0.5",
  NETPULSE_WORKER__STOP_GRACE: "1",
};

let folder: TempDir;
const started: Child[] = [];
beforeEach(() => {
  folder = tempDir("roles");
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((child) => child.stop()));
  folder.remove();
});

/** A role on the folder of the test, ready. */
async function start(role: "serve" | "api" | "node", env: Record<string, string> = {}): Promise<Child> {
  const child = startCommand([role], environment(env));
  started.push(child);
  await child.waitFor(role === "node" ? /^netpulse node \S+ is running$/m : /^netpulse serving at \S+$/m);
  return child;
}

/** Where the roles of a test keep their jobs; nothing: in the folder. */
let store: Record<string, string> = {};

const environment = (env: Record<string, string>) => ({
  NETPULSE_DATA_DIR: folder.path,
  ...store,
  NETPULSE_SERVER__API_KEY: KEY,
  ...LEASE,
  ...env,
});

const node = (name: string) => start("node", { NETPULSE_NODE__NAME: name });

function apiOf(child: Child): Api {
  const [, url = ""] = child.stdout().match(/^netpulse serving at (\S+)$/m) ?? [];
  return new Api({ url, key: KEY });
}

/** What roles are told that share a store on Redis, which has no folder to keep its key in. */
function redisStore(start: () => Promise<RedisSet>) {
  let started: Promise<RedisSet> | null = null;
  return {
    async open(): Promise<Record<string, string>> {
      started ??= start();
      const set = await started;
      return {
        NETPULSE_STORAGE__URL: set.url,
        NETPULSE_STORAGE__REDIS__PREFIX: set.freshPrefix(),
        NETPULSE_SECRET_KEY: "0123456789abcdef".repeat(4),
      };
    },
    stop: async () => void (await (await started)?.stop()),
  };
}

const STORES = [
  { name: "one SQLite folder", open: async () => ({}), stop: async () => {} },
  { name: "one Redis", ...redisStore(startRedis) },
  { name: "one Redis Cluster", ...redisStore(startCluster) },
];

describe.each(STORES)("api and node in processes of their own, on $name", ({ open, stop }) => {
  beforeEach(async () => {
    store = await open();
  });
  afterEach(() => {
    store = {};
  });
  afterAll(stop);

  test("do a job together, and any API knows it", async () => {
    await using device = await startDevice();
    const [one, two] = await Promise.all([start("api"), start("api"), node("n1")]);
    const { id } = await apiOf(one).exec(on(device, { command: "show inventory" }));
    expect(await apiOf(two).ended(id)).toMatchObject({ status: "finished", node: "n1" });
    expect(device.count("show inventory")).toBe(1);
  });

  test("wake each other: a job does not wait for a sweep", async () => {
    await using device = await startDevice();
    const [api] = await Promise.all([start("api"), node("n1")]);
    await apiOf(api).run(on(device, { command: "show clock" }));
    const waits: number[] = [];
    for (let n = 0; n < 9; n++) {
      const { queue_time } = await apiOf(api).run(on(device, { command: "show clock" }));
      waits.push(queue_time ?? Number.POSITIVE_INFINITY);
    }
    // Seconds. Some milliseconds on an idle machine; the sweep alone would make it half a second.
    expect(waits.toSorted((a, b) => a - b)[4]).toBeLessThan(0.2);
  });

  test("an API alone takes jobs and says that nobody will run them; a node that comes later does", async () => {
    await using device = await startDevice();
    const api = apiOf(await start("api"));
    const { id } = await api.exec(on(device, { command: "show inventory" }));
    expect((await api.job(id)).status).toBe("queued");
    const { status, text } = await api.get("/health");
    expect(status).toBe(503);
    expect(text).toContain("none is alive");
    await node("late");
    expect(await api.ended(id)).toMatchObject({ status: "finished", node: "late" });
  });

  test("a node listens on no port, makes no API key and ends in order", async () => {
    const child = startCommand(["node"], environment({ NETPULSE_NODE__NAME: "quiet" }));
    started.push(child);
    await child.waitFor(/is running/);
    expect(child.output()).not.toContain("http://");
    expect(readdirSync(folder.path)).not.toContain("api-key");
    expect(await runCommand(["doctor"], environment({}))).toMatchObject({ code: 0 });
    expect(await child.stop()).toEqual({ code: 0, signal: null });
  });

  test("an abort that one process takes reaches the node in another", async () => {
    await using device = await startDevice();
    const [api] = await Promise.all([start("api"), node("n1")]);
    const { id } = await startHeldJob(apiOf(api), device);
    expect((await apiOf(api).call("DELETE", `/job?id=${id}&force=true`)).status).toBe(200);
    expect(await apiOf(api).ended(id)).toMatchObject({ status: "failed", result: { type: "stopped" } });
  });

  test("a killed node's job ends as lost, its devices go to the other node", async () => {
    await using device = await startDevice();
    const [api, first] = await Promise.all([start("api"), node("n1")]);
    const lost = await startHeldJob(apiOf(api), device);
    await node("n2");
    first.kill("SIGKILL");
    const { id } = await apiOf(api).exec(on(device, { command: "show inventory" }));
    expect(await apiOf(api).ended(lost.id)).toMatchObject({
      status: "failed",
      node: "n1",
      result: { error: { type: "WorkerLost" } },
    });
    device.release();
    expect(await apiOf(api).ended(id)).toMatchObject({ status: "finished", node: "n2" });
  });

  test("a killed API takes nothing with it", async () => {
    await using device = await startDevice();
    const [one, two] = await Promise.all([start("api"), start("api"), node("n1")]);
    const { id } = await startHeldJob(apiOf(one), device);
    one.kill("SIGKILL");
    await one.exited;
    device.release();
    expect(await apiOf(two).ended(id)).toMatchObject({ status: "finished" });
  });

  test("a node may join a serve", async () => {
    const serve = await start("serve", { NETPULSE_NODE__NAME: "first" });
    await node("second");
    const names = new Set((await apiOf(serve).workers("")).map((worker) => worker.node));
    expect([...names].toSorted()).toEqual(["first", "second"]);
  });
});

test("a backup made beside a running serve is restored with its key: ended jobs are read, waiting ones run", async () => {
  await using device = await startDevice();
  const serve = await start("serve");
  const done = await apiOf(serve).run(on(device, { command: "show inventory" }));
  const held = await startHeldJob(apiOf(serve), device);
  const waiting = await apiOf(serve).exec(on(device, { command: "show version" }));
  expect(await runCommand(["doctor"], environment({}))).toMatchObject({ code: 0 });
  expect(await runCommand(["backup", folder.file("copy.db")], environment({}))).toMatchObject({ code: 0 });
  serve.kill("SIGKILL");
  await serve.exited;
  device.release();

  using restored = tempDir("restored");
  copyFileSync(folder.file("copy.db"), restored.file("netpulse.db"));
  copyFileSync(folder.file("secret.key"), restored.file("secret.key"));
  const again = apiOf(await start("serve", { NETPULSE_DATA_DIR: restored.path }));
  expect(await again.job(done.id)).toEqual(done);
  expect(await again.ended(waiting.id)).toMatchObject({ status: "finished" });
  expect(await again.ended(held.id)).toMatchObject({
    status: "failed",
    result: { error: { type: "WorkerLost" } },
  });
});

describe("one data folder refuses", () => {
  test("a second serve, by whatever node name, and a second node of one name", async () => {
    await start("serve", { NETPULSE_NODE__NAME: "n1" });
    const second = await runCommand(["serve"], environment({ NETPULSE_NODE__NAME: "n2" }));
    expect(second).toMatchObject({
      code: 2,
      output: expect.stringContaining("another netpulse serve uses the data folder"),
    });
    const twin = await runCommand(["node"], environment({ NETPULSE_NODE__NAME: "n1" }));
    expect(twin).toMatchObject({
      code: 2,
      output: expect.stringMatching(
        /another process of the data folder .* is the node n1; .*NETPULSE_NODE__NAME/,
      ),
    });
  });

  test("a serve whose node's name is taken", async () => {
    await node("n1");
    const { code, output } = await runCommand(["serve"], environment({ NETPULSE_NODE__NAME: "n1" }));
    expect(code).toBe(2);
    expect(output).toContain("is the node n1");
  });
});

test.each(["serve", "api", "node"])("%s --help says what it is, and what several need", async (role) => {
  const { code, stdout } = await runCommand([role, "--help"]);
  expect(code).toBe(0);
  expect(stdout).toContain(`Usage: netpulse ${role}`);
  expect(stdout).toMatch(/data\s+folder/);
});
