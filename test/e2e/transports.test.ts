import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { withLab } from "../lab/support/with-lab.ts";
import { type Certificates, makeCertificates } from "../support/certificates.ts";
import { EapiServer } from "../support/eapi-server.ts";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { Api, failure, resultOf } from "./support/api.ts";

setDefaultTimeout(30_000);

let made: Certificates;
let netpulse: Netpulse;
let api: Api;
beforeAll(async () => {
  made = await makeCertificates();
  netpulse = await startNetpulse({ env: { NETPULSE_TLS__DIR: made.folder } });
  api = new Api(netpulse);
}, 60_000);
afterAll(async () => {
  await netpulse?.stop();
  made?.[Symbol.dispose]();
});

const LOGIN = { host: "127.0.0.1", username: "admin", password: "admin" };

test("a switch over Telnet: two jobs on one session, and a configuration", async () => {
  await using lab = await withLab({ telnetPort: 0 });
  const device = lab.device(0);
  const port = device.telnetPort ?? 0;
  const connection_args = { ...LOGIN, port, device_type: "cisco_ios_telnet", secret: "admin" };
  const on = (more: object) => ({ driver: "netmiko", connection_args, ...more });
  const shown = await api.run(on({ command: "show version" }));
  expect(shown).toMatchObject({ status: "finished", queue: `pinned_127.0.0.1:${port}` });
  expect(resultOf(shown).retval).toContain("Cisco IOS Software");
  const configured = await api.run(on({ config: ["hostname edge-9"], driver_args: { save: true } }));
  expect(configured.status).toBe("finished");
  expect(device.startupConfig()).toContain("hostname edge-9");
  expect(device.counts()).toMatchObject({ connections: 1, logins: 1 });
});

test("a wrong password over Telnet fails the job after one try", async () => {
  await using lab = await withLab({ telnetPort: 0 });
  const device = lab.device(0);
  const connection_args = {
    ...LOGIN,
    password: "not-admin",
    port: device.telnetPort,
    device_type: "cisco_ios_telnet",
  };
  const job = await api.run({ driver: "netmiko", connection_args, command: "show version" });
  expect(failure(job)).toMatchObject({ status: "failed", error: "AuthenticationError" });
  expect(JSON.stringify(job)).not.toContain("not-admin");
  expect(device.counts()).toMatchObject({ refusedLogins: 1 });
});

test("an Arista switch over eAPI, by its certificate's authority", async () => {
  await using server = await EapiServer.start({ tls: made.server, enable: "s3cret-word" });
  const connection_args = { ...LOGIN, port: server.port, secret: "s3cret-word", ca_file: "ca.pem" };
  const on = (more: object) => ({ driver: "pyeapi", connection_args, queue_strategy: "pinned", ...more });
  const shown = await api.run(on({ command: ["show version", "show clock"] }));
  expect(shown).toMatchObject({ status: "finished", queue: `pinned_127.0.0.1:${server.port}` });
  const [version, clock] = resultOf(shown).outputs;
  expect(JSON.parse(version?.stdout ?? "")).toMatchObject({ version: "4.22.1F" });
  expect(clock?.stdout).toStartWith("Fri Nov 27");
  const refused = await api.run(
    on({ config: ["vlan 10", "vlan 5001", "vlan 11"], driver_args: { save: true } }),
  );
  expect(failure(refused)).toMatchObject({ status: "failed", error: "ConfigError" });
  expect(resultOf(refused).error?.message).toContain("line 2 was refused: VLAN 5001 is not available");
  expect(server.box.startup).toEqual([]);
  expect(server.connections).toBe(1);
});

test("an Arista switch that proves nothing is sent nothing", async () => {
  await using server = await EapiServer.start({ tls: made.selfSigned });
  const connection_args = { ...LOGIN, port: server.port };
  const job = await api.run({ driver: "eapi", connection_args, command: "show version" });
  expect(job.queue).toBe("FifoQ");
  expect(failure(job)).toMatchObject({ status: "failed", error: "HostKeyError" });
  expect(server.received).toEqual([]);
  const outside = { ...connection_args, ca_file: join("..", "anything.pem") };
  const other = await api.run({ driver: "eapi", connection_args: outside, command: "show version" });
  expect(failure(other)).toMatchObject({ status: "failed", error: "CredentialError" });
});

test("the usual port of a way leaves the queue's name alone", async () => {
  const queueOf = async (driver: string, more: object) => {
    const connection_args = { username: "admin", password: "admin", ...more };
    const request = { driver, connection_args, queue_strategy: "pinned", command: "show version", ttl: 1 };
    const { queue } = await api.exec({
      ...request,
      connection_args: { ...connection_args, site: "nowhere" },
    });
    return queue;
  };
  const telnet = { host: "192.0.2.1", device_type: "cisco_ios_telnet" };
  expect(await queueOf("netmiko", telnet)).toBe("pinned_nowhere/192.0.2.1");
  expect(await queueOf("netmiko", { ...telnet, port: 23 })).toBe("pinned_nowhere/192.0.2.1");
  expect(await queueOf("netmiko", { ...telnet, port: 22 })).toBe("pinned_nowhere/192.0.2.1:22");
  expect(await queueOf("eapi", { host: "192.0.2.1" })).toBe("pinned_nowhere/192.0.2.1");
  expect(await queueOf("eapi", { host: "192.0.2.1", transport: "http" })).toBe("pinned_nowhere/192.0.2.1");
  expect(await queueOf("eapi", { host: "192.0.2.1", transport: "http", port: 443 })).toBe(
    "pinned_nowhere/192.0.2.1:443",
  );
});
