import { describe, expect, test } from "bun:test";
import { builtinDrivers } from "../../drivers/index.ts";
import { rewriteNetpulse } from "../../src/api/modules/device/netpulse-request.ts";
import { TestApi, wrongFields } from "./client.ts";

const LOGIN = { host: "192.0.2.1", username: "ops", password: "secret" };

/** What the engine is asked for by a request. */
async function submitted(body: object) {
  const api = new TestApi({}, builtinDrivers);
  const answer = await api.exec(body);
  expect([answer.status, answer.message]).toEqual([201, "success"]);
  return api.engine.submitted[0]?.request;
}

describe("a request written for NetPulse is taken", () => {
  test("with save and enable_mode beside the operation, or enable_mode beside the login", async () => {
    const ios = { ...LOGIN, device_type: "cisco_ios" };
    const config = ["interface Gi0/1", "no shutdown"];
    const asked = { driver: "netmiko", connection_args: ios, config, save: true, enable_mode: true };
    expect(await submitted(asked)).toMatchObject({ driverArgs: { save: true, enable_mode: true } });
    expect((await submitted({ ...asked, save: null, enable_mode: null }))?.driverArgs).toEqual({});
    const inArgs = { driver: "netmiko", connection_args: { ...ios, enable_mode: true }, command: "show run" };
    const request = await submitted(inArgs);
    expect(request).toMatchObject({ connectionArgs: ios, driverArgs: { enable_mode: true } });
    expect(request?.connectionArgs).not.toHaveProperty("enable_mode");
  });

  test("with what its models give where nobody gave anything", async () => {
    const connection_args = { ...LOGIN, device_type: "cisco_ios", alt_key_file: "", key_file: null };
    const request = { driver: "netmiko", connection_args, config: ["x"], driver_args: { error_pattern: "" } };
    const { connectionArgs, driverArgs } = (await submitted(request)) ?? {};
    expect(connectionArgs).toEqual({ ...LOGIN, device_type: "cisco_ios" });
    expect(driverArgs).toEqual({});
  });

  test("with paramiko's policies, keys and buffers, which are so in any case", async () => {
    const connection_args = { ...LOGIN, host_key_policy: "auto_add", look_for_keys: true, compress: true };
    const request = { driver: "paramiko", connection_args, command: "uname", driver_args: { bufsize: -1 } };
    const { connectionArgs, driverArgs } = (await submitted(request)) ?? {};
    expect(connectionArgs).toEqual({ ...LOGIN, compression: true });
    expect(driverArgs).toEqual({});
  });

  test("with an SSH server on the way", async () => {
    const proxy = { proxy_host: "192.0.2.9", proxy_port: 2222, proxy_password: "other", proxy_pkey: null };
    const request = { driver: "paramiko", connection_args: { ...LOGIN, ...proxy }, command: "uname" };
    expect((await submitted(request))?.connectionArgs).toEqual({
      ...LOGIN,
      jump_hosts: [{ host: "192.0.2.9", username: "ops", port: 2222, password: "other" }],
    });
  });

  test("with a transfer beside a command that is none", async () => {
    const file_transfer = {
      operation: "download",
      remote_path: "/etc/motd",
      chunk_size: 32768,
      timeout: 300,
    };
    const request = await submitted({
      driver: "paramiko",
      connection_args: LOGIN,
      command: ["__FILE_TRANSFER__"],
      driver_args: { file_transfer },
    });
    const { timeout, ...transfer } = file_transfer;
    expect(request).toMatchObject({
      operation: { kind: "file_transfer", transfers: [transfer] },
      executionTimeout: timeout,
      driverArgs: {},
    });
  });

  test("with pyeapi's way to the device among the driver's arguments", async () => {
    const driver_args = { transport: "https", port: 8443, verify: false };
    const request = { driver: "pyeapi", connection_args: LOGIN, command: "show version", driver_args };
    expect(await submitted(request)).toMatchObject({
      connectionArgs: { ...LOGIN, ...driver_args },
      driverArgs: {},
    });
  });

  test("in bulk, by each device", async () => {
    const api = new TestApi({}, builtinDrivers);
    const { host, ...login } = LOGIN;
    const body = {
      driver: "paramiko",
      connection_args: { ...login, host_key_policy: "warning" },
      devices: [{ host }, { host: "192.0.2.2", proxy_host: "192.0.2.9" }],
      command: "uname",
    };
    const { status, data } = await api.call("POST", "/device/bulk", { body });
    expect([status, data.failed, data.succeeded.length]).toEqual([201, [], 2]);
  });

  test("to test a connection", async () => {
    const api = new TestApi({}, builtinDrivers);
    const connection_args = { ...LOGIN, host_key_policy: "auto_add" };
    const body = { driver: "paramiko", connection_args };
    await api.call("POST", "/device/test", { body });
    expect(api.engine.tested[0]?.request.connectionArgs).toEqual(LOGIN);
  });
});

describe("what cannot be as it asks", () => {
  test.each([
    ["host_key_policy", "reject", "ssh.host_key_policy"],
    ["key_filename", "/root/.ssh/id_rsa", "pkey"],
    ["proxy_key_filename", "/root/.ssh/id_rsa", "proxy_pkey"],
  ])("%s is refused, with the way out", async (name, value, way) => {
    const connection_args = { ...LOGIN, [name]: value };
    for (const path of ["/device/exec", "/device/test"]) {
      const body = {
        driver: "paramiko",
        connection_args,
        ...(path.endsWith("exec") && { command: "uname" }),
      };
      const answer = await new TestApi({}, builtinDrivers).call("POST", path, { body });
      expect([path, answer.status]).toEqual([path, 422]);
      expect(wrongFields(answer)).toEqual({ [`body.connection_args.${name}`]: expect.stringContaining(way) });
      expect(JSON.stringify(answer.envelope)).not.toContain("id_rsa");
    }
  });

  test.each([
    ["jump_hosts beside proxy_host", { proxy_host: "a", jump_hosts: [] }, {}],
    ["a transfer beside a command", {}, { file_transfer: { operation: "upload" } }],
  ])("%s is left, to be refused as unknown", (_what, args, driver_args) => {
    const body = {
      driver: "paramiko",
      connection_args: { ...LOGIN, ...args },
      command: "uname",
      driver_args,
    };
    expect(rewriteNetpulse(body)).toEqual({ body, errors: [] });
  });
});

test("under the names of this API a request is taken as it is", () => {
  for (const driver of ["linux", "cli", "eapi", "__proto__", 7]) {
    const body = { driver, connection_args: { ...LOGIN, host_key_policy: "auto_add" }, save: true };
    expect(rewriteNetpulse(body).body).toBe(body);
  }
});
