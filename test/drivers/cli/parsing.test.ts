import { describe, expect, test } from "bun:test";
import type { CliDriverArgs } from "../../../drivers/cli/args.ts";
import { cliDriver } from "../../../drivers/cli/index.ts";
import type { Operation } from "../../../src/device/driver.ts";

const COMMAND: Operation = { kind: "command", commands: ["show version"] };
const CONFIG: Operation = { kind: "config", lines: ["hostname edge"] };

function wrong(driverArgs: CliDriverArgs, operation: Operation = COMMAND): string[] {
  const connectionArgs = { host: "192.0.2.1", username: "u", password: "p", device_type: "cisco_ios" };
  const errors = cliDriver.check({ connectionArgs, driverArgs, operation });
  return errors.map(({ loc, msg }) => `${loc.join(".")}: ${msg}`);
}

describe("netmiko's arguments about structured output ask for", () => {
  const cases: [
    what: string,
    args: CliDriverArgs,
    asked: Exclude<ReturnType<NonNullable<typeof cliDriver.parsing>>, undefined>,
  ][] = [
    ["nothing", {}, null],
    ["nothing where they are off", { use_textfsm: false, use_ttp: false }, null],
    ["the template of platform and command", { use_textfsm: true }, { name: "textfsm", template: null }],
    [
      "a template of TextFSM",
      { use_textfsm: true, textfsm_template: "version.textfsm" },
      { name: "textfsm", template: "version.textfsm" },
    ],
    ["a template of TTP", { use_ttp: true, ttp_template: "x.ttp" }, { name: "ttp", template: "x.ttp" }],
  ];

  test.each(cases)("%s", (_what, args, asked) => {
    expect(wrong(args)).toEqual([]);
    expect(cliDriver.parsing?.(args) ?? null).toEqual(asked);
  });
});

describe("beside a command they", () => {
  const parsed = (args: CliDriverArgs, own: Record<string, unknown>) => cliDriver.parsing?.(args, own);
  const textfsm = { use_textfsm: true, textfsm_template: "all.textfsm" };

  test("leave it as it is where they say nothing", () => {
    expect(parsed(textfsm, { read_timeout: 3 })).toBeUndefined();
  });

  test("count more than those of the job, one by one", () => {
    expect(parsed(textfsm, { use_textfsm: false })).toBeNull();
    expect(parsed(textfsm, { textfsm_template: "one.textfsm" })).toEqual({
      name: "textfsm",
      template: "one.textfsm",
    });
    expect(parsed(textfsm, { use_ttp: true, ttp_template: "one.ttp" })).toEqual({
      name: "ttp",
      template: "one.ttp",
    });
    expect(parsed({ use_ttp: true, ttp_template: "x.ttp" }, { use_textfsm: true })).toEqual({
      name: "textfsm",
      template: null,
    });
    expect(parsed({}, { use_textfsm: true })).toEqual({ name: "textfsm", template: null });
  });

  const wrongBeside = (own: Record<string, unknown>, args: CliDriverArgs = {}) =>
    wrong(args, { kind: "command", commands: ["a", "b"], commandArgs: [null, own] });

  test("are judged with those of the job", () => {
    expect(wrongBeside({ use_textfsm: true })).toEqual([]);
    expect(wrongBeside({ ttp_template: "a.ttp" }, { use_ttp: true, ttp_template: "b.ttp" })).toEqual([]);
    expect(wrongBeside({ use_ttp: true })).toEqual(["command.1.ttp_template: is required with use_ttp"]);
    expect(wrongBeside({ textfsm_template: "x" })).toEqual(["command.1.textfsm_template: needs use_textfsm"]);
    expect(wrongBeside({ use_textfsm: true, use_ttp: true, ttp_template: "x" })).toEqual([
      "command.1.use_ttp: cannot go with use_textfsm: choose one",
    ]);
  });
});

describe("refused is", () => {
  const cases: [what: string, args: CliDriverArgs, operation: Operation, msg: string][] = [
    ["TTP without a template", { use_ttp: true }, COMMAND, "ttp_template: is required with use_ttp"],
    [
      "both at once",
      { use_textfsm: true, use_ttp: true, ttp_template: "x" },
      COMMAND,
      "use_ttp: cannot go with use_textfsm: choose one",
    ],
    [
      "a template that nothing uses",
      { textfsm_template: "x" },
      COMMAND,
      "textfsm_template: needs use_textfsm",
    ],
    ["parsing of configuration", { use_textfsm: true }, CONFIG, "use_textfsm: applies to command only"],
  ];

  test.each(cases)("%s", (_what, args, operation, msg) => {
    expect(wrong(args, operation)).toEqual([`driver_args.${msg}`]);
  });
});
