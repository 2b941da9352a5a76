import { describe, expect, test } from "bun:test";
import { RequestError } from "../../src/core/errors.ts";
import { aCaller } from "../support/callers.ts";
import { request, TestApi, wrongFields } from "./client.ts";
import { aJob, anEndedJob, anOutput } from "./memory-engine.ts";

const SECRET = "hunter2-hunter2-hunter2";
const connection_args = { device_type: "cisco_ios", host: "192.0.2.1", password: SECRET };
const body = { driver: "netmiko", connection_args };

describe("POST /device/test", () => {
  test.each(["/device/test", "/device/test-connection"])("%s says how it went", async (path) => {
    const api = new TestApi();
    const { status, data } = await api.call("POST", path, { body });
    expect(status).toBe(200);
    expect(data).toEqual({
      success: true,
      connection_time: 0.412,
      error_message: null,
      device_info: { prompt: "core-1#", device_type: "cisco_ios", host: "192.0.2.1" },
      timestamp: "2024-01-01T12:00:00.000+08:00",
      job_id: "job_1",
    });
    expect(api.engine.tested).toEqual([
      {
        caller: aCaller("default"),
        request: { driver: "netmiko", connectionArgs: connection_args, driverArgs: {} },
      },
    ]);
  });

  test("takes null for absent, in the arguments too", async () => {
    const api = new TestApi();
    api.engine.onTest = async () => ({ job: anEndedJob(), outputs: [], waiting: null });
    const connection_args = { host: "192.0.2.1", password: null };
    const sent = {
      driver: "netmiko",
      connection_args,
      driver_args: { read_timeout: null },
      credential: null,
    };
    expect((await api.call("POST", "/device/test", { body: sent })).status).toBe(200);
    expect(api.engine.tested[0]?.request).toEqual({
      driver: "netmiko",
      connectionArgs: { host: "192.0.2.1" },
      driverArgs: {},
    });
  });

  test("a failure is an answer, with what went wrong", async () => {
    const api = new TestApi();
    const error = {
      type: "AuthenticationError",
      message: "the password was refused",
      retryable: false,
    } as const;
    const job = anEndedJob({ status: "failed", result: { type: "failed", error } });
    api.engine.onTest = async () => ({ job, outputs: [], waiting: null });
    const { status, data } = await api.call("POST", "/device/test", { body });
    expect(status).toBe(200);
    expect(data).toMatchObject({
      success: false,
      connection_time: null,
      error_message: "AuthenticationError: the password was refused",
      device_info: { prompt: null, device_type: "cisco_ios", host: "192.0.2.1" },
    });
  });

  test("one that nobody took says what it waited for", async () => {
    const api = new TestApi();
    const waiting = {
      reason: "no_node",
      message: "no node is alive",
      ahead: 0,
      job: null,
      until: null,
    } as const;
    api.engine.onTest = async () => ({ job: aJob({ status: "cancelled" }), outputs: [], waiting });
    const { data } = await api.call("POST", "/device/test", { body });
    expect(data.error_message).toBe("no node took it within job.test_timeout: no node is alive");
  });

  test("names the device that was found out", async () => {
    const api = new TestApi();
    const connected = anOutput({ stdout: "core-1#", stderr: "device_type: cisco_nxos\n" });
    api.engine.onTest = async () => ({ job: anEndedJob(), outputs: [connected], waiting: null });
    const asked = { ...body, connection_args: { ...connection_args, device_type: "autodetect" } };
    const { data } = await api.call("POST", "/device/test", { body: asked });
    expect(data.device_info).toEqual({ prompt: "core-1#", device_type: "cisco_nxos", host: "192.0.2.1" });
  });

  test("a device without a prompt has none", async () => {
    const api = new TestApi();
    api.engine.onTest = async () => ({ job: anEndedJob(), outputs: [], waiting: null });
    const { data } = await api.call("POST", "/device/test", {
      body: { driver: "paramiko", connection_args: { host: "192.0.2.1" } },
    });
    expect(data).toMatchObject({ success: true, device_info: { prompt: null, device_type: null } });
  });

  test("whoever goes away is noticed", async () => {
    const api = new TestApi();
    const left = new AbortController();
    api.engine.onTest = (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(new RequestError("conflict", "told to stop")));
        left.abort();
      });
    const call = request("POST", "/device/test", { body, signal: left.signal });
    const { status } = await api.api.handle(call);
    expect(status).toBe(409);
  });

  test.each<[string, unknown, Record<string, string>]>([
    ["no body", [], { body: "must be an object" }],
    [
      "a command",
      { ...body, command: "x" },
      { "body.command": "unknown field; known are driver, connection_args, driver_args, credential" },
    ],
    ["no driver", { connection_args }, { "body.driver": "is required" }],
    [
      "arguments that are none",
      { ...body, connection_args: 7 },
      { "body.connection_args": "must be an object" },
    ],
  ])("refuses %s", async (_, given, wrong) => {
    const api = new TestApi();
    const answer = await api.call("POST", "/device/test", { body: given });
    expect(answer.status).toBe(422);
    expect(wrongFields(answer)).toEqual(wrong);
    expect(JSON.stringify(answer.envelope)).not.toContain(SECRET);
  });

  test("says all that the driver finds wrong", async () => {
    const api = new TestApi();
    api.engine.wrong = [{ loc: ["connection_args", "host"], msg: "is no address" }];
    const answer = await api.call("POST", "/device/test", { body });
    expect(wrongFields(answer)).toEqual({ "body.connection_args.host": "is no address" });
  });
});
