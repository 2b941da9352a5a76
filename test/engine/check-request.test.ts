import { describe, expect, test } from "bun:test";
import { cliDriver } from "../../drivers/cli/index.ts";
import type { FileTransfer } from "../../src/core/file-transfer.ts";
import { type CheckDeps, checkRequest, operationOf } from "../../src/engine/check-request.ts";
import type { CommandEntry, ExecRequest } from "../../src/engine/engine.ts";
import { WEBHOOKS } from "../support/no-webhooks.ts";
import { scriptedDriver } from "../support/scripted-driver.ts";

const { driver } = scriptedDriver();
const deps: CheckDeps = {
  drivers: {
    find: (name) => (name === "scripted" || name === "script" ? driver : null),
    names: () => ["scripted", "script"],
  },
  limits: { ttl: 1, executionTimeout: 1, resultTtl: 1, maxCommands: 3, testTimeout: 1, taskTtl: 3600 },
  webhooks: WEBHOOKS,
};
const good = {
  driver: "scripted",
  connectionArgs: { host: "10.0.0.1", username: "u", password: "p" },
  driverArgs: {},
  operation: { kind: "command", text: "show version" },
} satisfies ExecRequest;

function wrong(change: Partial<ExecRequest>): [string, string][] {
  return checkRequest(deps, { ...good, ...change }).map(({ loc, msg }) => [loc.join("."), msg]);
}

describe("checkRequest of templates", () => {
  const rendering = { name: "jinja2", context: {}, options: {} } as const;
  const parsing = { name: "textfsm", template: null, platform: null, options: {} } as const;

  test("takes what only the rendering will show", () => {
    const operation = { kind: "command", text: ["a\u0003{{ b }}\nc", "d", "e\n\n\n\nf"] } as const;
    expect(wrong({ operation: { ...operation, text: [...operation.text] }, rendering })).toEqual([]);
    expect(wrong({ operation: { kind: "config", text: "a\nb\nc\nd" }, rendering })).toEqual([]);
    expect(wrong({ parsing })).toEqual([]);
  });

  test("refuses what has nothing to render or parse", () => {
    expect(wrong({ operation: { kind: "connect" }, rendering })).toEqual([
      ["rendering", "applies to command and config only"],
    ]);
    expect(wrong({ operation: { kind: "config", text: "a" }, parsing })).toEqual([
      ["parsing", "applies to command only"],
    ]);
  });

  test("refuses a parser without a template, and one with two ways to it", () => {
    expect(wrong({ parsing: { ...parsing, name: "ttp" } })).toEqual([
      ["parsing.template", "is required for ttp"],
    ]);
    expect(wrong({ parsing: { ...parsing, template: "a.textfsm", platform: "cisco_ios" } })).toEqual([
      ["parsing.platform", "is for textfsm without a template; leave out one of the two"],
    ]);
  });
});

describe("checkRequest", () => {
  test("finds nothing wrong with a right request", () => {
    expect(wrong({})).toEqual([]);
  });

  test("names an unknown driver's nearest and the ones there are", () => {
    expect(wrong({ driver: "scripte" })).toEqual([
      ["driver", 'no such driver; did you mean "scripted"? there are scripted, script'],
    ]);
  });

  test("names every wrong field at once, never a value", () => {
    const found = wrong({
      connectionArgs: { host: "not a host", usrname: "u", password: { inner: "hunter2" }, port: 70000 },
      driverArgs: { read_timout: "hunter2" },
      operation: { kind: "config", text: [] },
      retries: 1,
    });
    expect(found.map(([loc]) => loc).toSorted()).toEqual([
      "config",
      "connection_args.host",
      "connection_args.password",
      "connection_args.port",
      "connection_args.username",
      "connection_args.usrname",
      "driver_args.read_timout",
      "retries",
    ]);
    expect(found).toContainEqual(["connection_args.usrname", 'unknown field; did you mean "username"?']);
    expect(JSON.stringify(found)).not.toContain("hunter2");
  });

  test.each([
    ["default", "is what the site of devices without one is called; leave it out"],
    ["a/b", "may hold letters, digits, dot, dash and underscore, and begins with a letter or digit"],
  ])("refuses the site %p", (site, msg) => {
    expect(wrong({ connectionArgs: { ...good.connectionArgs, site } })).toEqual([
      ["connection_args.site", msg],
    ]);
  });

  test("judges a file transfer's paths for every driver that has any, and takes no arguments about commands", () => {
    const able = { ...driver, operations: ["command", "file_transfer"] as const };
    const find = { find: () => able, names: () => ["scripted"] };
    const transfer = { operation: "upload", local_path: "a/b", remote_path: "/c" } as const;
    const found = (change: Partial<FileTransfer>, driverArgs = {}) => {
      const operation = { kind: "file_transfer", transfers: [transfer, { ...transfer, ...change }] } as const;
      const asked = { ...good, driverArgs, operation: { ...operation, transfers: [...operation.transfers] } };
      return checkRequest({ ...deps, drivers: find }, asked).map(({ loc }) => loc.join("."));
    };
    expect(found({})).toEqual([]);
    for (const local_path of [
      "/etc/passwd",
      "../a",
      "a/../b",
      "a//b",
      "a\nb",
      ".netpulse-folder",
      "a".repeat(600),
    ]) {
      expect(found({ local_path })).toEqual(["file_transfer.1.local_path"]);
    }
    expect(found({ remote_path: "a\0b" })).toEqual(["file_transfer.1.remote_path"]);
    expect(found({}, { read_timeout: 1 })).toContain("driver_args.read_timeout");
    expect(wrong({ operation: { kind: "file_transfer", transfers: [transfer] } })).toEqual([
      ["file_transfer", expect.stringContaining("driver scripted has no file_transfer")],
    ] as never);
  });

  test("bounds the number of lines", () => {
    expect(wrong({ operation: { kind: "command", text: ["a", "b", "c", "d"] } })).toEqual([
      ["command", "has more than 3 lines; split it or raise job.max_commands"],
    ]);
  });

  test("asks the driver about what its schema cannot say", () => {
    expect(wrong({ operation: { kind: "command", text: "\u0003" } })).toEqual([
      ["command", "holds a control character"],
    ]);
  });

  test("reports what it can of a request with parts missing", () => {
    expect(checkRequest(deps, {})).toEqual([]);
    expect(checkRequest(deps, { driver: "nope" })).toHaveLength(1);
    expect(checkRequest(deps, { driver: "scripted", connectionArgs: {} }).length).toBeGreaterThan(0);
  });

  test("a config may be retried only when the request says that is harmless", () => {
    const config = { kind: "config", text: "hostname x" } as const;
    expect(wrong({ operation: config, retries: 1 }).map(([loc]) => loc)).toEqual(["retries"]);
    expect(wrong({ operation: config, retries: 1, retryConfig: true })).toEqual([]);
    expect(wrong({ retries: 3 })).toEqual([]);
  });
});

describe("what stands beside a command", () => {
  const cli: CheckDeps = { ...deps, drivers: { find: () => cliDriver, names: () => ["cli"] } };
  const connectionArgs = { ...good.connectionArgs, device_type: "cisco_ios" };
  const wrongEntries = (...text: (string | CommandEntry)[]) =>
    checkRequest(cli, { ...good, driver: "cli", connectionArgs, operation: { kind: "command", text } }).map(
      ({ loc, msg }) => [loc.join("."), msg],
    );

  test("is judged beside a template, too", () => {
    const rendering = { name: "jinja2", context: {}, options: {} } as const;
    const text = ["\u0003{{ a }}", { command: "{{ b }}\nc", expect_string: "(", use_ttp: true }];
    const request = { ...good, driver: "cli", connectionArgs, rendering };
    const found = checkRequest(cli, { ...request, operation: { kind: "command", text } });
    expect(found.map(({ loc, msg }) => [loc.join("."), msg])).toEqual([
      ["command.1.expect_string", expect.stringContaining("is no regex of Python")],
      ["command.1.ttp_template", "is required with use_ttp"],
    ]);
  });

  test("is for the driver to say, by the command's place", () => {
    expect(wrongEntries("show clock", { command: "reload", expect_close: true })).toEqual([]);
    expect(
      wrongEntries("show clock", { command: "reload", expct_close: true, answers: [{ question: "x" }] }),
    ).toEqual([
      ["command.1.expct_close", 'unknown field; did you mean "expect_close"?'],
      ["command.1.answers.0.answer", "is required"],
    ]);
  });

  test("is judged further where nothing is wrong with it, and the command itself always", () => {
    const text = [{ command: "a\nb", read_timeout: -1 }, { command: "c", expect_string: "(" }, ""];
    expect(wrongEntries(...text).map(([loc]) => loc)).toEqual([
      "command.0.read_timeout",
      "command.0",
      "command.1.expect_string",
      "command.2",
    ]);
  });

  test("is refused where the driver takes nothing", () => {
    const operation = { kind: "command", text: [{ command: "a", stop_after: 1 }] } satisfies object;
    expect(wrong({ operation: operation as ExecRequest["operation"] })).toEqual([
      ["command.0", "must be text: driver scripted takes nothing beside a command but parsing"],
    ]);
  });
});

test("what a detached task prints cannot be masked, and nothing is said of it where that was not asked", () => {
  const detached = { driverArgs: {}, login: [] };
  expect(wrong({ ...detached, maskOutput: true })).toEqual([
    ["mask_output", "is not for detached tasks: what they print is shown as it is on their host"],
  ]);
  expect(wrong({ ...detached, maskOutput: false })).toEqual([]);
  expect(wrong(detached)).toEqual([]);
});

test("commands that are told something of keep it, by their place", () => {
  const text = ["show clock", { command: "reload", expect_close: true }];
  expect(operationOf({ kind: "command", text })).toEqual({
    kind: "command",
    commands: ["show clock", "reload"],
    commandArgs: [null, { expect_close: true }],
  });
});

test("a config block is cut into its lines, blank ones left out; a command stays whole", () => {
  expect(operationOf({ kind: "config", text: "interface lo0\r\n  shutdown\n\n \nexit" })).toEqual({
    kind: "config",
    lines: ["interface lo0", "  shutdown", "exit"],
  });
  expect(operationOf({ kind: "command", text: "show clock" })).toEqual({
    kind: "command",
    commands: ["show clock"],
  });
});
