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
    asked: ReturnType<NonNullable<typeof cliDriver.parsing>>,
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
