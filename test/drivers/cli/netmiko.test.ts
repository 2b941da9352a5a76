import { describe, expect, test } from "bun:test";
import { cliDriver } from "../../../drivers/cli/index.ts";
import { netmikoDocs } from "../../../drivers/cli/netmiko/docs.ts";
import { type NetmikoArgument, netmikoArguments } from "../../../drivers/cli/netmiko/table.ts";
import {
  AUTODETECT,
  acceptedTypes,
  deviceTypes,
  isTelnet,
  platformOf,
} from "../../../drivers/cli/platforms/index.ts";
import { checkDriverArgs } from "../../../src/engine/driver-args.ts";
import { PYTHON } from "../../contract/python.ts";
import { must } from "../../support/process.ts";

const LOGIN = { host: "192.0.2.1", username: "u", password: "p", device_type: "cisco_ios" };

/** What the service says to a request with this argument. */
function wrong({ place, name }: NetmikoArgument, value: unknown): string[] {
  const args = { connection_args: { ...LOGIN }, driver_args: {}, [place]: { [name]: value } };
  const connectionArgs = { ...LOGIN, ...args.connection_args };
  const found = checkDriverArgs(cliDriver as never, connectionArgs, args.driver_args);
  return found.map(({ loc, msg }) => `${loc.join(".")} ${msg}`);
}

const named = (rows: readonly NetmikoArgument[]) => rows.map((row) => [row.name, row] as const);
const withFate = (fate: NetmikoArgument["fate"]) =>
  named(netmikoArguments.filter((row) => row.fate === fate));
const VALUES = { boolean: [true, false], number: [0.5, 2], text: ["x", ["x", "y"]] };
/** Of no type that any argument has. */
const NONSENSE = { nonsense: true };

describe("an argument of netmiko", () => {
  test.each(withFate("works"))("%s is an argument of the driver, which checks it", (_name, row) => {
    const schema = row.place === "connection_args" ? cliDriver.connectionArgs : cliDriver.driverArgs;
    expect(Object.keys(schema.properties)).toContain(row.name);
    expect(wrong(row, NONSENSE)).toEqual([expect.stringContaining(`${row.place}.${row.name} `)]);
  });

  test.each(withFate("no effect"))("%s is taken, also as Python's None", (_name, row) => {
    for (const value of [...VALUES[row.takes ?? "text"], null]) expect(wrong(row, value)).toEqual([]);
    expect(wrong(row, NONSENSE)).toHaveLength(1);
  });

  test.each(withFate("only"))("%s is taken with the value that changes nothing", (_name, row) => {
    expect(wrong(row, row.only)).toEqual([]);
    expect(wrong(row, !row.only)).toEqual([`${row.place}.${row.name} must be ${row.only}: ${row.says}`]);
  });

  test.each(withFate("refused"))("%s is refused by its name, with the way out", (_name, row) => {
    expect(wrong(row, "x")).toEqual([`${row.place}.${row.name} is refused: it ${row.says}`]);
  });

  test("is there once, and every argument without effect is of netmiko", () => {
    const places = netmikoArguments.map(({ place, name }) => `${place}.${name}`);
    expect(new Set(places).size).toBe(places.length);
  });
});

test("what opens files of the service's machine is refused", () => {
  const refused = withFate("refused").map(([name]) => name);
  expect(refused).toEqual(
    expect.arrayContaining([
      "key_file",
      "ssh_config_file",
      "alt_key_file",
      "session_log",
      "serial_settings",
      "source_file",
      "local_path",
    ]),
  );
});

test("what no netmiko knows is an unknown field", () => {
  const row = { place: "driver_args", name: "read_timout" } as NetmikoArgument;
  expect(wrong(row, 1)).toEqual(['driver_args.read_timout unknown field; did you mean "read_timeout"?']);
});

/** Prints each call's parameters, as `call name`. */
const ASK = `
import inspect
from netmiko.base_connection import BaseConnection
from netmiko.cisco_base_connection import CiscoSSHConnection
from netmiko.juniper.juniper import JuniperBase
calls = {
    "ConnectHandler": BaseConnection.__init__,
    "send_command": BaseConnection.send_command,
    "send_command_timing": BaseConnection.send_command_timing,
    "send_config_set": BaseConnection.send_config_set,
    "save_config": CiscoSSHConnection.save_config,
    "commit": JuniperBase.commit,
}
for call, function in calls.items():
    for name in inspect.signature(function).parameters:
        if name != "self":
            print(call, name)
`;

test("every argument of the netmiko that is installed has its row", async () => {
  const asked = (await must([PYTHON, "-I", "-B", "-c", ASK], { env: {} })).trim().split("\n");
  expect(asked.length).toBeGreaterThan(50);
  const known = new Set(netmikoArguments.map(({ name }) => name));
  expect(asked.filter((line) => !known.has(line.split(" ")[1] ?? ""))).toEqual([]);
});

/** Prints each name of a device that netmiko knows, and what speaks to it. */
const NAMES = `
from netmiko.ssh_dispatcher import CLASS_MAPPER
for name, speaks in CLASS_MAPPER.items():
    print(name, speaks.__name__)
`;

test("every name that the installed netmiko has for a platform of ours is taken", async () => {
  const asked = (await must([PYTHON, "-I", "-B", "-c", NAMES], { env: {} })).trim().split("\n");
  const named = new Map(asked.map((line) => line.split(" ") as [string, string]));
  const ours = new Set(deviceTypes().flatMap((type) => named.get(type) ?? []));
  const theirs = [...named].filter(([name, speaks]) => ours.has(speaks) && name !== AUTODETECT);
  expect(theirs.length).toBeGreaterThan(60);
  expect(theirs.filter(([name]) => platformOf(name) === undefined)).toEqual([]);
  // Those that are the same with `_ssh` behind them are not shown.
  const shown = theirs.filter(([name]) => !name.endsWith("_ssh"));
  expect(shown.filter(([name]) => !acceptedTypes().includes(name))).toEqual([]);
  for (const [name] of theirs) expect([name, isTelnet(name)]).toEqual([name, name.endsWith("_telnet")]);
});

test("docs/netmiko.md is what the table says (else: bun scripts/netmiko-docs.ts)", async () => {
  const written = await Bun.file(new URL("../../../docs/netmiko.md", import.meta.url)).text();
  expect(written).toBe(netmikoDocs());
  for (const { name } of netmikoArguments) expect(written).toContain(`| \`${name}\` |`);
});
