import { describe, expect, test } from "bun:test";
import type { CliDriverArgs } from "../../../drivers/cli/args.ts";
import { Dialogue } from "../../../drivers/cli/engine/dialogue.ts";
import { cliDriver } from "../../../drivers/cli/index.ts";
import { platformOf } from "../../../drivers/cli/platforms/index.ts";
import type { LineRules } from "../../../src/core/access.ts";
import type { LinePermit, Operation } from "../../../src/device/driver.ts";
import { redactor } from "../../../src/device/redact.ts";
import { linePermit } from "../../../src/worker/line-permit.ts";
import { withLab } from "../../lab/support/with-lab.ts";
import { FakeClock } from "../../support/clock.ts";
import { context, run } from "../support.ts";

const config = (...lines: string[]): Operation => ({ kind: "config", lines });
const commands = (...lines: string[]): Operation => ({ kind: "command", commands: lines });

interface Job {
  rules: LineRules;
  operation: Operation;
  args?: CliDriverArgs;
  deviceType?: string;
}

/** What became of a job, and the lines that its device received since the login. */
async function judged({ rules, operation, args = {}, deviceType = "cisco_ios" }: Job) {
  await using lab = await withLab({ platform: deviceType });
  const device = lab.device(0);
  const { port } = device;
  const login = { host: "127.0.0.1", port, username: "admin", password: "admin", secret: "admin" };
  const session = await cliDriver.connect(context({ ...login, device_type: deviceType }));
  const before = device.log().length;
  const permit = linePermit({ rules, kind: operation.kind, secrets: [] });
  const ran = await run(session, operation, args, { permit });
  const received = device
    .log()
    .slice(before)
    .filter(({ hidden }) => !hidden)
    .map(({ text }) => text);
  const again = await run(session, commands("show version"), {});
  await session.close();
  return { ...ran, received, usable: again.error === null };
}

const ONLY_SHOW: LineRules = { allow: ["show *"], deny: [], config: true };
const NO_RELOAD: LineRules = { allow: null, deny: ["reload", "write memory", "hostname"], config: true };

describe("a device receives of a job", () => {
  test("the lines before the one that is denied, and neither that nor those after it", async () => {
    const operation = commands("show version", "reload", "show clock");
    const { received, error, outputs, usable } = await judged({ rules: ONLY_SHOW, operation });
    expect(received).toEqual(["enable", "show version"]);
    expect(error).toMatchObject({ type: "CommandError", message: expect.stringContaining('"reload"') });
    expect(outputs.map(({ ok }) => ok)).toEqual([true, null]);
    expect(usable).toBe(true);
  });

  test.each([
    "rel",
    "  reload",
    "do reload",
    "show version | reload",
    "RELOAD in 5",
    "wr mem",
    "show version\nreload",
  ])("nothing of %j", async (line) => {
    const { received, error } = await judged({ rules: NO_RELOAD, operation: commands(line) });
    expect(received).toEqual(["enable"]);
    expect(error).toMatchObject({ type: "CommandError" });
  });

  test("what the platform types for itself, whatever the lists say", async () => {
    const rules = { allow: ["interface *", "description core"], deny: ["configure", "enable"], config: true };
    const operation = config("interface Loopback0", "description core");
    const { received, error } = await judged({ rules, operation });
    expect(error).toBeNull();
    expect(received).toEqual(["enable", "configure terminal", ...operationLines(operation), "end"]);
  });

  test("no denied line of a configuration, which is left", async () => {
    const operation = config("interface Loopback0", "do reload", "description core");
    const { received, error, usable } = await judged({ rules: NO_RELOAD, operation });
    expect(error).toMatchObject({ type: "ConfigError" });
    expect(received).toEqual(["enable", "configure terminal", "interface Loopback0", "end"]);
    expect(usable).toBe(true);
  });

  test("nothing at all where it is to be saved, and saving is denied", async () => {
    const operation = config("interface Loopback0");
    const { received, error } = await judged({ rules: NO_RELOAD, operation, args: { save: true } });
    expect(error).toMatchObject({ type: "ConfigError", message: expect.stringContaining("write memory") });
    expect(received.filter((line) => line !== "enable")).toEqual([]);
  });

  test("nothing of a job with an option that nobody has judged", async () => {
    const args: CliDriverArgs = { exit_config_mode: false };
    const { received, error } = await judged({ rules: NO_RELOAD, operation: config("interface x"), args });
    expect(received).toEqual([]);
    expect(error).toMatchObject({
      type: "ConfigError",
      message: expect.stringContaining("leave out driver_args.exit_config_mode"),
    });
  });

  test("no denied words as an answer to a question of the device", async () => {
    const [command, question] = ["copy running-config startup-config", "Destination filename"];
    const asked = (answer: string): Operation => ({
      kind: "command",
      commands: [command],
      commandArgs: [{ answers: [{ question, answer }] }],
    });
    const allowed = await judged({ rules: NO_RELOAD, operation: asked("startup-config") });
    expect(allowed.received).toEqual(["enable", command, "startup-config"]);
    expect(allowed.error).toBeNull();
    const { received, error } = await judged({ rules: NO_RELOAD, operation: asked("reload") });
    expect(received).not.toContain("reload");
    expect(received.slice(0, 2)).toEqual(["enable", command]);
    expect(error).toMatchObject({ type: "CommandError", message: expect.stringContaining('"reload"') });
  });

  test("no denied words that are to lead into configuration mode", async () => {
    const args: CliDriverArgs = { config_mode_command: "reload" };
    const { received, error } = await judged({ rules: NO_RELOAD, operation: config("interface x"), args });
    expect(received).toEqual(["enable"]);
    expect(error).toMatchObject({ type: "ConfigError", message: expect.stringContaining('"reload"') });
  });

  test("no line in a mode in which it is configured, for a key without the scope config", async () => {
    const rules = { allow: null, deny: [], config: false };
    const operation = commands("configure terminal", "hostname other");
    const { received, error } = await judged({ rules, operation });
    expect(error).toMatchObject({ type: "CommandError", message: expect.stringContaining("scope config") });
    expect(received).toEqual(["enable", "configure terminal", "end"]);
  });
});

test("a device whose command line is a shell gets nothing by a deny list alone", async () => {
  const { received, error } = await judged({
    rules: { allow: null, deny: ["reboot"], config: true },
    operation: commands("show version"),
    deviceType: "vyos",
  });
  expect(received).toEqual([]);
  expect(error).toMatchObject({ message: expect.stringContaining("a shell") });
});

function operationLines(operation: Operation): string[] {
  return operation.kind === "command" ? operation.commands : operation.lines;
}

describe("a dialogue", () => {
  const platform = platformOf("cisco_ios");

  function typing(permit?: LinePermit) {
    if (platform === undefined) throw new Error("no such platform");
    const written: string[] = [];
    const dialogue = new Dialogue({
      platform,
      clock: new FakeClock(),
      encoding: "utf-8",
      redactor: redactor([]),
    });
    const write = (text: string) => void written.push(text);
    dialogue.attach({ write, pause() {}, resume() {}, async close() {}, destroy() {} });
    dialogue.begin(new AbortController().signal, permit);
    return { dialogue, written };
  }

  test("asks about all that is typed for a job, hidden answers too, and about nothing of the platform's", () => {
    const { dialogue, written } = typing(linePermit({ rules: NO_RELOAD, kind: "command", secrets: [] }));
    expect(() => dialogue.send("reload")).toThrow('"reload" was not sent');
    expect(() => dialogue.sendHidden("reload")).toThrow("an answer was not sent");
    dialogue.send("reload", "platform");
    dialogue.sendHidden("reload", "platform");
    dialogue.send("y");
    expect(written.map((text) => text.trim())).toEqual(["reload", "reload", "y"]);
  });

  test("types nothing for a job outside of its run", () => {
    const { dialogue, written } = typing();
    expect(() => dialogue.send("show version")).toThrow("outside of its run");
    expect(written).toEqual([]);
  });
});
