import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { must } from "../support/process.ts";
import { netpulseCommand } from "../support/product.ts";
import { Api } from "./support/api.ts";
import { type Device, startDevice } from "./support/device.ts";
import { expectRefusal } from "./support/refusal.ts";
import { until } from "./support/until.ts";

setDefaultTimeout(30_000);

let netpulse: Netpulse;
let device: Device;
beforeAll(async () => {
  device = await startDevice();
  netpulse = await startNetpulse({
    env: { NETPULSE_SERVER__KEY_CACHE: "0.2", NETPULSE_LOG__LEVEL: "debug" },
  });
});
afterAll(async () => {
  await netpulse?.stop();
  await device?.stop();
});

/** `netpulse keys …` on the store that the server uses. */
async function keys(...argv: string[]): Promise<string> {
  const command = netpulseCommand("keys", ...argv);
  return await must([...command, "--set", `data_dir=${netpulse.dataDir}`]);
}

/** A client with a key of its own. */
async function withKey(name: string, ...options: string[]): Promise<Api & { key: string }> {
  const { key } = JSON.parse(await keys("add", name, "--json", ...options));
  return Object.assign(new Api({ url: netpulse.url, key }), { key });
}

const job = (command: string | string[], more = {}) => ({
  driver: "netmiko",
  connection_args: device.args(),
  command,
  ...more,
});

describe("a key that may only show", () => {
  test("has its commands run; what is denied never reaches the device", async () => {
    const api = await withKey("noc", "--scopes", "read,exec", "--allow-command", "show *");
    const done = await api.ended((await api.exec(job(["show version", "show clock"]))).id);
    expect(done.status).toBe("finished");
    const before = device.lines();
    for (const line of ["reload", "show version | redirect flash:x", "do reload", "conf t"]) {
      const refused = await api.call("POST", "/device/exec", { json: job(["show version", line]) });
      expectRefusal(refused, 403);
      expect(refused.data).toMatchObject([{ loc: ["body", "command", 1] }]);
    }
    expect(device.lines()).toEqual(before);
    const { data } = await new Api(netpulse).get("/audit?key=noc");
    expect((data as { outcome: string }[]).map(({ outcome }) => outcome)).toEqual([
      "refused",
      "refused",
      "refused",
      "refused",
      "done",
    ]);
  });

  test("has what its templates make judged, too", async () => {
    const api = await withKey("templates", "--scopes", "read,exec", "--allow-command", "show *");
    const rendering = { context: { show: "show clock", deny: "reload" } };
    const shown = await api.ended((await api.exec(job("{{ show }}", { rendering }))).id);
    expect(shown.status).toBe("finished");
    const denied = await api.ended((await api.exec(job("{{ deny }}", { rendering }))).id);
    expect(denied).toMatchObject({ status: "failed", result: { error: { type: "CommandError" } } });
    expect(device.count("reload")).toBe(0);
  });

  test("may not configure, stop workers or read the audit log", async () => {
    const api = await withKey("noc2", "--scopes", "read,exec");
    const json = { ...job("x"), command: undefined, config: ["hostname other"] };
    expectRefusal(await api.call("POST", "/device/exec", { json }), 403);
    expectRefusal(await api.call("DELETE", "/worker?queue=FifoQ"), 403);
    expectRefusal(await api.get("/audit"), 403);
  });
});

test("where the device itself is asked, a line that came so far is stopped before it is typed", async () => {
  const api = await withKey("exec-only", "--scopes", "read,exec");
  const lines = ["configure terminal", "hostname reached", "end"];
  const ended = await api.ended((await api.exec(job(lines))).id);
  expect(ended).toMatchObject({ status: "failed", result: { error: { type: "CommandError" } } });
  expect(ended.result?.error?.message).toContain("scope config");
  expect(device.count("configure terminal")).toBe(1);
  expect(device.count("hostname reached")).toBe(0);
  const next = await api.ended((await api.exec(job("show version"))).id);
  expect(next.status).toBe("finished");
});

test("a key that is revoked opens nothing any more, on a server that runs", async () => {
  const api = await withKey("gone");
  expect((await api.get("/health")).status).toBe(200);
  expect(await keys("revoke", "gone")).toContain("revoked");
  await until("the key is refused", async () => ((await api.get("/health")).status === 401 ? true : null));
});

test("no key is in the log, nor in the store", async () => {
  const api = await withKey("quiet");
  await api.call("GET", `/job?X-API-KEY=${api.key}`, { headers: { "X-API-KEY": null } });
  await api.call("GET", `/nothing?X-API-KEY=${api.key}`);
  expect(netpulse.output()).toContain('"path":"/job"');
  expect(netpulse.output()).not.toContain(api.key);
  for (const file of ["netpulse.db", "netpulse.db-wal"]) {
    const bytes = Buffer.from(await Bun.file(`${netpulse.dataDir}/${file}`).arrayBuffer());
    expect(bytes.includes(api.key.slice(17))).toBe(false);
  }
});
