import { expect, setDefaultTimeout, test } from "bun:test";
import { Api, failure } from "../e2e/support/api.ts";
import { startDevice } from "../e2e/support/device.ts";
import type { Child } from "../support/process.ts";
import { startRedis } from "../support/redis.ts";
import { tempDir } from "../support/tempdir.ts";
import { startReceiver } from "../webhook/receiver.ts";
import { startCommand } from "./support.ts";

setDefaultTimeout(120_000);

const API_KEY = "api-key-of-the-rotation";
const PASSWORD = "Pw-kept-on-Redis-7";
const [ONE, TWO] = ["1".repeat(64), "2".repeat(64)];
const FIRST = { NETPULSE_SECRET_KEY: ONE };
const BOTH = { NETPULSE_SECRET_KEY: TWO, NETPULSE_PREVIOUS_SECRET_KEY: ONE };
const SECOND = { NETPULSE_SECRET_KEY: TWO };

/** Processes of the product on one Redis, started and stopped as an operator does it. */
async function onRedis() {
  const [redis, dir] = [await startRedis(), tempDir("rotation")];
  const env = {
    NETPULSE_STORAGE__URL: redis.url,
    NETPULSE_DATA_DIR: dir.path,
    NETPULSE_SERVER__API_KEY: API_KEY,
    NETPULSE_WEBHOOK__NETWORKS: "127.0.0.1",
  };
  const children = new Set<Child>();
  const start = (argv: string[], keys: Record<string, string>) => {
    const child = startCommand(argv, { ...env, ...keys });
    children.add(child);
    return child;
  };
  return {
    async pair(keys: Record<string, string>) {
      const [api, node] = [start(["api"], keys), start(["node"], keys)];
      await api.waitFor(/^netpulse serving at \S+$/m, { deadline: 30_000 });
      await node.waitFor(/^netpulse node \S+ is running$/m, { deadline: 30_000 });
      const [, url = ""] = api.stdout().match(/^netpulse serving at (\S+)$/m) ?? [];
      return { api: new Api({ url, key: API_KEY }), stop: () => Promise.all([api.stop(), node.stop()]) };
    },
    async ended(argv: string[], keys: Record<string, string>, stdin?: string) {
      const child = start(argv, keys);
      if (stdin !== undefined) child.write(stdin);
      child.closeStdin();
      const { code } = await child.exited;
      return { code, stdout: child.stdout(), output: child.output() };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...children].map((child) => child.stop()));
      await redis.stop();
      dir.remove();
    },
  };
}

test("on Redis the key is changed under an API and a node, with jobs that run, wait and come", async () => {
  await using fleet = await onRedis();
  await using device = await startDevice({ username: "admin", password: PASSWORD });
  await using busy = await startDevice({ username: "admin", password: PASSWORD });
  await using receiver = await startReceiver();
  const added = await fleet.ended(["secrets", "set", "dev", "--username", "admin"], FIRST, PASSWORD);
  expect([added.code, added.output]).toEqual([0, 'added "dev"\n']);
  const ask = (to: typeof device, command: string, more: object = {}) => {
    const { username: _username, password: _password, ...connection_args } = to.args();
    return { driver: "netmiko", connection_args, command, credential: "dev", ttl: 600, ...more };
  };

  const before = await fleet.pair(FIRST);
  const webhook = { url: `http://127.0.0.1:${receiver.port}/hook` };
  const secretBefore = (await fleet.ended(["webhook-secret"], FIRST)).stdout;
  expect(failure(await before.api.run(ask(device, "show version")))).toMatchObject({ error: null });
  const elsewhere = ask(device, "show ip route");
  const later = await before.api.exec({
    ...elsewhere,
    connection_args: { ...elsewhere.connection_args, site: "later" },
  });
  await before.stop();

  const during = await fleet.pair(BOTH);
  const { api } = during;
  device.hold("show clock");
  const running = await api.exec(ask(device, "show clock"));
  await device.received("show clock");
  const headers = { "Idempotency-Key": "once" };
  const waiting = await api.exec(ask(device, "show users", { webhook }), headers);
  const rotation = fleet.ended(["secrets", "rotate-key"], BOTH);
  const come: string[] = [];
  let over = false;
  const keepAsking = (async () => {
    while (!over) come.push((await api.run(ask(busy, "show version"))).id);
  })();
  const { code, output } = await rotation;
  over = true;
  await keepAsking;
  expect([code, output]).toEqual([
    0,
    expect.stringMatching(/sealed anew: \d+ jobs, 1 webhooks, 0 detached tasks, 2 secrets\n/),
  ]);
  expect((await api.exec(ask(device, "show users", { webhook }), headers)).id).toBe(waiting.id);
  device.release();
  const ids = [running.id, waiting.id, ...come];
  const jobs = await Promise.all(ids.map((id) => api.ended(id)));
  expect(jobs.filter(({ status }) => status !== "finished").map(failure)).toEqual([]);
  expect(come.length).toBeGreaterThan(5);
  const [told] = await receiver.count(1);
  expect(told?.body).toContain(waiting.id);
  await during.stop();

  const after = await fleet.pair({ ...SECOND, NETPULSE_NODE__SITES: "default,later" });
  expect(failure(await after.api.ended(later.id))).toMatchObject({ error: null });
  expect(failure(await after.api.run(ask(device, "show version")))).toMatchObject({ error: null });
  expect((await fleet.ended(["webhook-secret"], SECOND)).stdout).toBe(secretBefore);
  expect(await fleet.ended(["api"], FIRST)).toMatchObject({
    code: 2,
    output: expect.stringContaining("is not the key that this store is sealed with"),
  });
});
