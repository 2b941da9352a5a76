import { expect, test } from "bun:test";
import type { EapiDriverArgs } from "../../../drivers/eapi/args.ts";
import { eapiDriver } from "../../../drivers/eapi/index.ts";
import type { Operation } from "../../../src/device/driver.ts";
import { linePermit } from "../../../src/worker/line-permit.ts";
import { EapiServer } from "../../support/eapi-server.ts";
import { context, run } from "../support.ts";

const RULES = { allow: null, deny: ["reload", "copy", "hostname"], config: true };

/** What became of a job whose key is denied some lines, and what its device was asked to do since the login. */
async function judged(operation: Operation, driverArgs: EapiDriverArgs = {}) {
  await using server = await EapiServer.start();
  const login = { host: "127.0.0.1", username: "admin", password: "admin", transport: "http" as const };
  const session = await eapiDriver.connect(context({ ...login, port: server.port }));
  const before = server.received.length;
  const permit = linePermit({ rules: RULES, kind: operation.kind, secrets: [] });
  const ran = await run(session, operation, driverArgs, { permit });
  await session.close();
  return { ...ran, asked: JSON.stringify(server.received.slice(before).map(({ request }) => request)) };
}

test("a denied command is not sent, nor what follows it", async () => {
  const operation: Operation = { kind: "command", commands: ["show version", "rel now", "show hostname"] };
  const { error, asked, outputs } = await judged(operation);
  expect(error).toMatchObject({ type: "CommandError", message: expect.stringContaining('"rel now"') });
  expect(asked).toContain("show version");
  expect(asked).not.toContain("rel now");
  expect(asked).not.toContain("show hostname");
  expect(outputs.map(({ ok }) => ok)).toEqual([true, null]);
});

test("of a configuration with a denied line nothing is sent", async () => {
  const operation: Operation = { kind: "config", lines: ["interface Ethernet1", "hostname other"] };
  const { error, asked } = await judged(operation);
  expect(error).toMatchObject({ type: "ConfigError", message: expect.stringContaining('"hostname other"') });
  expect(asked).toBe("[]");
});

test("nothing is sent where it is to be saved, and saving is denied", async () => {
  const { error, asked } = await judged({ kind: "config", lines: ["interface Ethernet1"] }, { save: true });
  expect(error).toMatchObject({
    type: "ConfigError",
    message: expect.stringContaining("copy running-config"),
  });
  expect(asked).toBe("[]");
});

test("nothing is sent where the device's aliases are to be expanded, which may stand for anything", async () => {
  const operation: Operation = { kind: "command", commands: ["sv"] };
  const { error, asked } = await judged(operation, { expandAliases: true });
  expect(error).toMatchObject({ message: expect.stringContaining("leave out driver_args.expandAliases") });
  expect(asked).toBe("[]");
});
