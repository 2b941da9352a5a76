import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { Api } from "../e2e/support/api.ts";
import { type Device, startDevice } from "../e2e/support/device.ts";
import { on } from "../e2e/support/held-job.ts";
import { descendants } from "../e2e/support/processes.ts";
import type { Child } from "../support/process.ts";
import { startRedis } from "../support/redis.ts";
import { type TempDir, tempDir } from "../support/tempdir.ts";
import { startCommand } from "./support.ts";

setDefaultTimeout(40_000);

const KEY = "api-key-of-the-frozen-node-tests";
const COMMANDS = ["show clock", "show users", "show inventory"];

let folder: TempDir;
let device: Device;
const children: Child[] = [];
/** Stopped by a signal: a process that is left so would not even notice that its parent is gone. */
const frozen = new Set<number>();
beforeEach(async () => {
  folder = tempDir("frozen");
  device = await startDevice();
});
afterEach(async () => {
  wake();
  await Promise.all(children.splice(0).map((child) => child.stop()));
  await device?.stop();
  folder.remove();
});

function freeze(pids: readonly number[]): void {
  for (const pid of pids) {
    frozen.add(pid);
    process.kill(pid, "SIGSTOP");
  }
}

/** The last that was frozen first. */
function wake(): void {
  for (const pid of [...frozen].toReversed()) {
    frozen.delete(pid);
    process.kill(pid, "SIGCONT");
  }
}

async function start(argv: string[], ready: RegExp, env: Record<string, string>): Promise<Child> {
  const child = startCommand(argv, {
    NETPULSE_DATA_DIR: folder.path,
    NETPULSE_SERVER__API_KEY: KEY,
    NETPULSE_WORKER__LEASE: "2",
    NETPULSE_WORKER__LEASE_MARGIN: "0.5",
    NETPULSE_WORKER__STOP_GRACE: "1",
    ...env,
  });
  children.push(child);
  await child.waitFor(ready);
  return child;
}

const node = (name: string, env: Record<string, string>) =>
  start(["node"], /^netpulse node \S+ is running$/m, { ...env, NETPULSE_NODE__NAME: name });

async function startApi(env: Record<string, string>): Promise<Api> {
  const child = await start(["api"], /^netpulse serving at \S+$/m, env);
  const [, url = ""] = child.stdout().match(/^netpulse serving at (\S+)$/m) ?? [];
  return new Api({ url, key: KEY });
}

const STORES = [
  { store: "one SQLite folder", open: async () => ({ env: {}, stop: async () => {} }) },
  {
    store: "one Redis",
    async open() {
      const redis = await startRedis();
      const env = { NETPULSE_STORAGE__URL: redis.url, NETPULSE_SECRET_KEY: "0123456789abcdef".repeat(4) };
      return { env, stop: () => redis.stop() };
    },
  },
];

/** Lines that a session typed, in the order in which the device got them. */
function typed(session: number): string[] {
  const log = device.handle.log().filter((line) => line.session === session);
  return log.map(({ text }) => text).filter((text) => COMMANDS.includes(text));
}

describe.each(STORES)("a node frozen in the middle of a job, on $store", ({ open }) => {
  test.each([
    ["alone: its session host lets the device go before the successor comes", false],
    ["with its session host: that types nothing when it wakes, though the device has answered", true],
  ])("%s", async (_what, withHost) => {
    const { env, stop } = await open();
    try {
      const [api, first] = await Promise.all([startApi(env), node("first", env)]);
      device.hold("show users");
      const { id } = await api.exec(on(device, { command: COMMANDS, retries: 1 }));
      await device.received("show users");
      await node("second", env);
      freeze([first.pid, ...(withHost ? await descendants(first.pid) : [])]);
      if (!withHost) await device.open(0);

      await device.received("show users", 2);
      // The successor is at work; what the frozen one waits for comes now, too.
      device.release();
      const done = await api.ended(id);
      expect(done).toMatchObject({ status: "finished", node: "second", attempts: 2 });
      expect(device.handle.counts()).toMatchObject({ logins: 2, open: withHost ? 2 : 1 });

      wake();
      await first.waitFor(/declared lost and begins anew/);
      await device.open(1);
      expect(typed(1)).toEqual(["show clock", "show users"]);
      expect(typed(2)).toEqual(COMMANDS);
      const sessions = device.handle.log().map(({ session }) => session);
      expect(sessions).toEqual(sessions.toSorted((a, b) => a - b));
      // What the first node has to say of its run is refused.
      expect(await api.job(id)).toEqual(done);
      expect((await api.run(on(device, { command: "show privilege" }))).status).toBe("finished");
      expect(await api.job(id)).toEqual(done);
    } finally {
      wake();
      await Promise.all(children.splice(0).map((child) => child.stop()));
      await stop();
    }
  });
});
