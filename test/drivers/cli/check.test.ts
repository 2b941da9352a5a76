import { describe, expect, test } from "bun:test";
import { cliDriver } from "../../../drivers/cli/index.ts";
import type { Operation } from "../../../src/device/driver.ts";

const connectionArgs = { host: "10.0.0.1", username: "u", password: "p", device_type: "cisco_ios" };
const check = (operation: Operation, more: { args?: object; driverArgs?: object } = {}) =>
  cliDriver.check({
    connectionArgs: { ...connectionArgs, ...more.args },
    driverArgs: { ...more.driverArgs },
    operation,
  });
const commands = (...lines: string[]): Operation => ({ kind: "command", commands: lines });
const config = (...lines: string[]): Operation => ({ kind: "config", lines });

test.each(["cisco_ios", "cisco_xe", "frr"])("device type %s is known", (device_type) => {
  expect(check(commands("show version"), { args: { device_type } })).toEqual([]);
});

test("an unknown device type is told, with those there are and the nearest one", () => {
  const [error] = check(commands("show version"), { args: { device_type: "cisco-iso" } });
  expect(error?.loc).toEqual(["connection_args", "device_type"]);
  expect(error?.msg).toContain('did you mean "cisco_ios"?');
  expect(error?.msg).toContain("frr");
});

describe("what is typed", () => {
  test.each([
    ["a line break", "show version\nreload"],
    ["a carriage return", "show version\rreload"],
    ["a tab, which completes", "show\tversion"],
    ["Ctrl-C", "show \x03"],
    ["an escape", "show \x1b[A"],
    ["a NUL", "show\0"],
    ["a C1 control character", "show \u009b"],
    ["too much", "x".repeat(5000)],
  ])("may not hold %s", (_what, line) => {
    expect(check(commands("show clock", line)).map(({ loc }) => loc)).toEqual([["command", 1]]);
    expect(check(config("interface Vlan1", line)).map(({ loc }) => loc)).toEqual([["config", 1]]);
    expect(check(commands("show clock"), { args: { secret: line } }).map(({ loc }) => loc)).toEqual([
      ["connection_args", "secret"],
    ]);
  });

  test("is never repeated in the error: it may be a secret", () => {
    expect(JSON.stringify(check(config("username x secret hunter2\nexit")))).not.toContain("hunter2");
  });

  test("may be any printable text", () => {
    expect(check(config(" description Zürich → 東京 #1 50% ?", "", "!"))).toEqual([]);
  });
});

test("every wrong line is named", () => {
  expect(check(commands("", "show clock", "a\nb")).map(({ loc }) => loc)).toEqual([
    ["command", 0],
    ["command", 2],
  ]);
});

test.each([
  ["command", commands()],
  ["config", config()],
])("an empty list of %s is refused", (field, operation) => {
  expect(check(operation).map(({ loc }) => loc)).toEqual([[field]]);
});

test("save belongs to config", () => {
  expect(check(config("hostname a"), { driverArgs: { save: true } })).toEqual([]);
  expect(check(commands("show clock"), { driverArgs: { save: true } }).map(({ loc }) => loc)).toEqual([
    ["driver_args", "save"],
  ]);
});

test.each([
  ["cisco_xr", 120, []],
  ["cisco_xr", 29, ["Cisco IOS XR takes 30 to 65535 seconds"]],
  ["juniper", 1, []],
  ["cisco_ios", 120, ["Cisco IOS, IOS XE has no commit that is taken back by itself"]],
  ["unheard_of", 120, []],
])("commit_confirm on %s for %d s", (device_type, commit_confirm, messages) => {
  const errors = check(config("hostname a"), { args: { device_type }, driverArgs: { commit_confirm } });
  const own = errors.filter(({ loc }) => loc[1] === "commit_confirm");
  expect(own.map(({ msg }) => msg)).toEqual(messages);
});

test("commit_confirm belongs to config", () => {
  const errors = check(commands("show clock"), { driverArgs: { commit_confirm: 60 } });
  expect(errors).toEqual([{ loc: ["driver_args", "commit_confirm"], msg: "applies to config only" }]);
});

test("every argument is described, and secrets are marked", () => {
  for (const schema of [cliDriver.connectionArgs, cliDriver.driverArgs]) {
    expect(schema.additionalProperties).toBe(false);
    for (const property of Object.values(schema.properties)) expect(property.description).toBeString();
  }
  const secrets = Object.entries(cliDriver.connectionArgs.properties).filter(
    ([, { secret }]) => secret === true,
  );
  expect(secrets.map(([name]) => name).sort()).toEqual(["passphrase", "password", "pkey", "secret"]);
});
