import { describe, expect, test } from "bun:test";
import type { CliDriverArgs } from "../../../drivers/cli/args.ts";
import { cliDriver } from "../../../drivers/cli/index.ts";
import type { Operation } from "../../../src/device/driver.ts";
import { FakeClock } from "../../support/clock.ts";
import { prints, ReplayDevice, reads, type Step } from "../../support/replay.ts";
import { inTime } from "./support/in-time.ts";
import { commands, config, entries, type OpenOptions, open, run } from "./support/session.ts";
import { iosEnable, iosLogin, told } from "./transcripts.ts";

const secret = "s3cr3t-enable";
const enabled = [...iosLogin, ...iosEnable];

/** Goes through a transcript to its end. */
async function go(
  steps: Step[],
  operation: Operation,
  driverArgs: CliDriverArgs = {},
  options: OpenOptions = {},
) {
  const clock = new FakeClock();
  const device = new ReplayDevice(steps);
  const session = await open(device, { clock, ...options });
  const { value, seconds } = await inTime({ clock, device, running: run(session, operation, driverArgs) });
  expect(device.done).toBe(true);
  return { ...value, seconds };
}

describe("cmd_verify", () => {
  // A device that does not repeat what is typed.
  const mute = [...iosLogin, reads("show clock\n"), prints("12:00\r\nRouter>")];

  test("lets a prompt without an echo be doubted for a while", async () => {
    const { outputs, seconds } = await go(mute, commands("show clock"));
    expect(outputs).toEqual(["12:00\n"]);
    expect(seconds).toBeGreaterThan(0);
  });

  test.each([
    ["of the job", commands("show clock"), { cmd_verify: false }, {}],
    ["of the command", entries({ command: "show clock", cmd_verify: false }), { cmd_verify: true }, {}],
    ["global_cmd_verify", commands("show clock"), { cmd_verify: true }, { habits: { verify: false } }],
  ])("false takes it at once: %s", async (_what, operation, driverArgs, options) => {
    const { outputs, seconds } = await go(mute, operation, driverArgs, options);
    expect(outputs).toEqual(["12:00\n"]);
    expect(seconds).toBe(0);
  });

  test("global_cmd_verify true overrides a false", async () => {
    const { seconds } = await go(
      mute,
      commands("show clock"),
      { cmd_verify: false },
      { habits: { verify: true } },
    );
    expect(seconds).toBeGreaterThan(0);
  });
});

describe("read_timeout", () => {
  const silent = [...iosLogin, reads("show tech\n"), prints("show tech\r\nbegun\r\n"), reads("\x1e\x03")];

  test.each([
    ["of the job", { read_timeout: 7 }, {}, 7],
    ["read_timeout_override", { read_timeout: 7 }, { habits: { readSeconds: 20 } }, 20],
    ["60 s where nothing is said", {}, {}, 60],
  ])("%s ends a silent wait", async (_what, driverArgs, options, limit) => {
    const { error, seconds } = await go(silent, commands("show tech"), driverArgs, options);
    expect(error).toMatchObject({ type: "TimeoutError" });
    expect(seconds).toBeGreaterThanOrEqual(limit);
    expect(seconds).toBeLessThan(limit + 12);
  });

  test("0 waits on", async () => {
    const clock = new FakeClock();
    const device = new ReplayDevice(silent.slice(0, -1));
    const session = await open(device, { clock });
    const running = run(session, commands("show tech"), { read_timeout: 0 });
    await clock.advance(10_000_000);
    expect(Bun.peek.status(running)).toBe("pending");
    session.destroy();
    expect(await running).toMatchObject({ outputs: ["begun\n"] });
  });
});

describe("lines of configuration", () => {
  const entered = [...enabled, ...told("configure terminal", "Router(config)#")];

  test("error_pattern refuses one that the platform takes for accepted", async () => {
    const { outputs, ok, error } = await go(
      [
        ...entered,
        ...told("mtu 9000", "Router(config)#", "warning: mtu is too large\r\n"),
        ...told("end", "Router#"),
      ],
      config("mtu 9000", "mtu 1500"),
      { error_pattern: String.raw`^\w+: .* too (large|small)$` },
      { secret },
    );
    expect({ outputs, ok }).toEqual({ outputs: ["warning: mtu is too large\n"], ok: [false] });
    expect(error).toMatchObject({
      type: "ConfigError",
      message: expect.stringContaining("line 1 was refused"),
    });
  });

  test("exit_config_mode false stays there, and the next job leaves it", async () => {
    const clock = new FakeClock();
    const device = new ReplayDevice([
      ...entered,
      ...told("hostname Edge", "Edge(config)#"),
      ...told("mtu 1500", "Edge(config)#"),
      ...told("end", "Edge#"),
      ...told("show clock", "Edge#", "12:00\r\n"),
    ]);
    const session = await open(device, { clock, secret });
    const stay = { exit_config_mode: false };
    for (const line of ["hostname Edge", "mtu 1500"]) {
      const running = run(session, config(line), stay);
      expect((await inTime({ clock, device, running })).value.error).toBeNull();
    }
    const running = run(session, commands("show clock"));
    expect((await inTime({ clock, device, running })).value).toMatchObject({
      outputs: ["12:00\n"],
      error: null,
    });
    expect(device.done).toBe(true);
  });

  test("config_mode_command leads into configuration mode", async () => {
    const { error } = await go(
      [
        ...enabled,
        ...told("configure terminal lock", "Router(config)#"),
        ...told("mtu 1500", "Router(config)#"),
        ...told("end", "Router#"),
      ],
      config("mtu 1500"),
      { config_mode_command: "configure terminal lock" },
      { secret },
    );
    expect(error).toBeNull();
  });

  test("one that leads nowhere is a ConfigError with the device's words", async () => {
    const { error } = await go(
      [...enabled, ...told("configure nothing", "Router#", "% Invalid input detected\r\n")],
      config("mtu 1500"),
      { config_mode_command: "configure nothing" },
      { secret },
    );
    expect(error).toMatchObject({ type: "ConfigError", message: expect.stringContaining("% Invalid input") });
  });

  test("strip_command and strip_prompt false show both, secrets masked", async () => {
    const { outputs } = await go(
      [...entered, ...told("username a secret b3tter-hidden", "Router(config)#"), ...told("end", "Router#")],
      config("username a secret b3tter-hidden"),
      { strip_command: false, strip_prompt: false },
      { secret },
    );
    expect(outputs).toEqual(["username a secret ******\nRouter(config)#"]);
  });
});

test("encoding reads what is no UTF-8", async () => {
  const clock = new FakeClock();
  const device = new ReplayDevice([
    ...iosLogin,
    reads("show banner\n"),
    prints(Buffer.from("show banner\r\nZ\xfcrich\r\nRouter>", "latin1")),
  ]);
  const session = await open(device, { clock, encoding: "latin1" });
  const { value } = await inTime({ clock, device, running: run(session, commands("show banner")) });
  expect(value.outputs).toEqual(["Zürich\n"]);
});

test("default_enter ends what is typed", async () => {
  const steps = iosLogin.map((step) => ("reads" in step ? reads(step.reads.replaceAll("\n", "\r")) : step));
  const device = new ReplayDevice([
    ...steps,
    reads("show clock\r"),
    prints("show clock\r\n12:00\r\nRouter>"),
  ]);
  const session = await open(device, { enter: "\r" });
  expect(await run(session, commands("show clock"))).toMatchObject({ outputs: ["12:00\n"] });
});

describe("the driver refuses", () => {
  const login = { host: "192.0.2.1", username: "u", password: "p" };
  const check = (operation: Operation, driverArgs: object, args: object = {}) =>
    cliDriver
      .check({ connectionArgs: { ...login, device_type: "cisco_ios", ...args }, driverArgs, operation })
      .map(({ loc, msg }) => `${loc.join(".")} ${msg}`);

  test.each([
    ["save with commands", commands("a"), { save: true }, {}, ["driver_args.save applies to config only"]],
    ["but not what changes nothing", commands("a"), { save: false, exit_config_mode: true }, {}, []],
    [
      "expect_string with config",
      config("a"),
      { expect_string: "x" },
      {},
      ["driver_args.expect_string applies to command only"],
    ],
    [
      "error_pattern with commands",
      commands("a"),
      { error_pattern: "x" },
      {},
      ["driver_args.error_pattern applies to config only"],
    ],
    [
      "a pattern that is none",
      config("a"),
      { error_pattern: "(" },
      {},
      [expect.stringContaining("driver_args.error_pattern is no regex of Python")],
    ],
    [
      "a line break in config_mode_command",
      config("a"),
      { config_mode_command: "a\nb" },
      {},
      [expect.stringContaining("driver_args.config_mode_command holds a line break")],
    ],
    [
      "staying with save",
      config("a"),
      { exit_config_mode: false, save: true },
      {},
      ["driver_args.exit_config_mode false does not go with save"],
    ],
    [
      "staying where lines are committed",
      config("a"),
      { exit_config_mode: false },
      { device_type: "juniper_junos" },
      [expect.stringContaining("commits at the end")],
    ],
    [
      "staying where nobody knows",
      config("a"),
      { exit_config_mode: false },
      { device_type: "autodetect" },
      [expect.stringContaining("needs a device_type")],
    ],
    [
      "a way to where there is none",
      config("a"),
      { config_mode_command: "x" },
      { device_type: "mikrotik_routeros" },
      [expect.stringContaining("no configuration mode that a command leads into")],
    ],
    [
      "other characters than ASCII in another encoding",
      commands("show ü"),
      {},
      { encoding: "gbk" },
      ["connection_args.encoding allows ASCII only in what is typed"],
    ],
    ["but not in UTF-8", commands("show ü"), {}, { encoding: "utf8" }, []],
  ])("%s", (_what, operation, driverArgs, args, found) => {
    expect(check(operation, driverArgs, args)).toEqual(found);
  });
});
