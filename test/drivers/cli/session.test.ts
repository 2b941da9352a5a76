import { describe, expect, test } from "bun:test";
import type { CliDriverArgs } from "../../../drivers/cli/args.ts";
import { DeviceError, type Operation } from "../../../src/device/driver.ts";
import { FakeClock } from "../../support/clock.ts";
import { CUTS, ReplayDevice, type Step } from "../../support/replay.ts";
import { commands, config, type OpenOptions, open, run } from "./support/session.ts";
import { eraseMore, frrLogin, iosEnable, iosLogin, more, prints, reads, told } from "./transcripts.ts";

interface Case {
  what: string;
  steps: Step[];
  options?: OpenOptions;
  operation: Operation;
  driverArgs?: CliDriverArgs;
  outputs: string[];
  ok: (boolean | null)[];
  /** Type and part of the message. */
  error?: [string, string];
}

const cases: Case[] = [
  {
    what: "a command prints its output, without echo and prompt",
    steps: [...iosLogin, ...told("show clock", "Router>", "*10:00:00.123 UTC Mon Jan 1 2024\r\n")],
    operation: commands("show clock"),
    outputs: ["*10:00:00.123 UTC Mon Jan 1 2024\n"],
    ok: [true],
  },
  {
    what: "with a secret, commands run in privileged mode",
    steps: [
      ...iosLogin,
      ...iosEnable,
      ...told("show privilege", "Router#", "Current privilege level is 15\r\n"),
    ],
    options: { secret: "s3cr3t-enable" },
    operation: commands("show privilege"),
    outputs: ["Current privilege level is 15\n"],
    ok: [true],
  },
  {
    what: "enable_mode false stays where the login led, secret or not",
    steps: [...iosLogin, ...told("show privilege", "Router>", "Current privilege level is 1\r\n")],
    options: { secret: "s3cr3t-enable" },
    driverArgs: { enable_mode: false },
    operation: commands("show privilege"),
    outputs: ["Current privilege level is 1\n"],
    ok: [true],
  },
  {
    what: "enable that asks for no password",
    steps: [...iosLogin, ...told("enable", "Router#"), ...told("show clock", "Router#", "12:00\r\n")],
    driverArgs: { enable_mode: true },
    operation: commands("show clock"),
    outputs: ["12:00\n"],
    ok: [true],
  },
  {
    what: "the pager is answered and leaves no trace, also where paging was turned off",
    steps: [
      ...iosLogin,
      reads("show running-config\n"),
      prints(`show running-config\r\nBuilding configuration...\r\n\r\nversion 17.3\r\n${more}`),
      reads(" "),
      prints(`${eraseMore}interface Vlan1\r\n ip address 10.0.0.1 255.255.255.0\r\n${more}`),
      reads(" "),
      prints(`${eraseMore} shutdown\r\n!\r\nend\r\n\r\nRouter>`),
    ],
    operation: commands("show running-config"),
    outputs: [
      "Building configuration...\n\nversion 17.3\ninterface Vlan1\n ip address 10.0.0.1 255.255.255.0\n shutdown\n!\nend\n\n",
    ],
    ok: [true],
  },
  {
    what: "a refused command fails the job, and those after it are not sent",
    steps: [
      ...iosLogin,
      ...told("show clock", "Router>", "12:00\r\n"),
      ...told("show vresion", "Router>", "            ^\r\n% Invalid input detected at '^' marker.\r\n\r\n"),
    ],
    operation: commands("show clock", "show vresion", "show users"),
    outputs: ["12:00\n", "            ^\n% Invalid input detected at '^' marker.\n\n"],
    ok: [true, false],
    error: ["CommandError", "\"show vresion\" was refused: % Invalid input detected at '^' marker."],
  },
  {
    what: "a log that quotes a refusal is output",
    steps: [
      ...iosLogin,
      ...told(
        "show logging",
        "Router>",
        "Log Buffer:\r\n% Invalid input detected at '^' marker.\r\nend of log\r\n",
      ),
    ],
    operation: commands("show logging"),
    outputs: ["Log Buffer:\n% Invalid input detected at '^' marker.\nend of log\n"],
    ok: [true],
  },
  {
    what: "an echo repainted behind the prompt, with line ends of CR CR LF",
    steps: [
      ...iosLogin,
      reads("show clock\n"),
      prints("\r\x1b[KRouter>show clo\b\b\b\bclock\r\r\n12:00\r\r\n\r\nRouter>"),
    ],
    operation: commands("show clock"),
    outputs: ["12:00\n\n"],
    ok: [true],
  },
  {
    what: "the prompt within a line, and other words that end like one",
    steps: [
      ...iosLogin,
      ...told("show history", "Router>", "see Router>show clock\r\nuse Router#\r\n# 1\r\n"),
    ],
    operation: commands("show history"),
    outputs: ["see Router>show clock\nuse Router#\n# 1\n"],
    ok: [true],
  },
  {
    what: "a question mark is typed as a character, not as a call for help",
    steps: [
      ...iosLogin,
      reads("show run | include what\x16?\n"),
      prints("show run | include what?\r\nRouter>"),
    ],
    operation: commands("show run | include what?"),
    outputs: [""],
    ok: [true],
  },
  {
    what: "a configuration is typed line by line and left",
    steps: [
      ...iosLogin,
      ...iosEnable,
      ...told("configure terminal", "Router(config)#", "Enter configuration commands, one per line.\r\n"),
      ...told("interface Vlan1", "Router(config-if)#"),
      ...told(" description uplink", "Router(config-if)#"),
      ...told("end", "Router#", "*Jan  1 00:00:00.000: %SYS-5-CONFIG_I: Configured from console\r\n"),
    ],
    options: { secret: "s3cr3t-enable" },
    operation: config("interface Vlan1", " description uplink"),
    outputs: ["", ""],
    ok: [true, true],
  },
  {
    what: "the first refused line stops a configuration: it is left, and not saved",
    steps: [
      ...iosLogin,
      ...iosEnable,
      ...told("configure terminal", "Router(config)#"),
      ...told("interface Vlan1", "Router(config-if)#"),
      ...told(
        "ip adress 1.1.1.1",
        "Router(config-if)#",
        "      ^\r\n% Invalid input detected at '^' marker.\r\n\r\n",
      ),
      ...told("end", "Router#"),
    ],
    options: { secret: "s3cr3t-enable" },
    operation: config("interface Vlan1", "ip adress 1.1.1.1", "no shutdown"),
    driverArgs: { save: true },
    outputs: ["", "      ^\n% Invalid input detected at '^' marker.\n\n"],
    ok: [true, false],
    error: ["ConfigError", "line 2 was refused: % Invalid input detected at '^' marker."],
  },
  {
    what: "save asks back, is answered, and is checked",
    steps: [
      ...iosLogin,
      ...iosEnable,
      ...told("configure terminal", "Router(config)#"),
      ...told("hostname Router", "Router(config)#"),
      ...told("end", "Router#"),
      reads("write memory\n"),
      prints("write memory\r\nOverwrite the previous NVRAM configuration?[confirm]"),
      reads("\n"),
      prints("\r\nBuilding configuration...\r\n[OK]\r\nRouter#"),
    ],
    options: { secret: "s3cr3t-enable" },
    operation: config("hostname Router"),
    driverArgs: { save: true },
    outputs: [""],
    ok: [true],
  },
  {
    what: "a configuration that could not be saved",
    steps: [
      ...iosLogin,
      ...iosEnable,
      ...told("configure terminal", "Router(config)#"),
      ...told("no ip http server", "Router(config)#"),
      ...told("end", "Router#"),
      ...told("write memory", "Router#", "startup-config file open failed (Not enough space)\r\n"),
    ],
    options: { secret: "s3cr3t-enable" },
    operation: config("no ip http server"),
    driverArgs: { save: true },
    outputs: [""],
    ok: [true],
    error: ["ConfigError", "applied but was not saved: startup-config file open failed"],
  },
  {
    what: "a new host name changes the prompt",
    steps: [
      ...iosLogin,
      ...iosEnable,
      ...told("configure terminal", "Router(config)#"),
      ...told("hostname Edge-7", "Edge-7(config)#"),
      ...told("interface Vlan1", "Edge-7(config-if)#"),
      ...told("end", "Edge-7#"),
    ],
    options: { secret: "s3cr3t-enable" },
    operation: config("hostname Edge-7", "interface Vlan1"),
    outputs: ["", ""],
    ok: [true, true],
  },
  {
    what: "a line that leaves configuration mode early is not followed by others",
    steps: [
      ...iosLogin,
      ...iosEnable,
      ...told("configure terminal", "Router(config)#"),
      ...told("end", "Router#"),
    ],
    options: { secret: "s3cr3t-enable" },
    operation: config("end", "reload"),
    outputs: [""],
    ok: [true],
    error: ["ConfigError", "line 1 left configuration mode, so line 2 and those after it were not sent"],
  },
  {
    what: "configuration mode locked by someone else",
    steps: [
      ...iosLogin,
      ...iosEnable,
      ...told("configure terminal", "Router#", "Configuration mode is locked by process '80' user 'ops'\r\n"),
    ],
    options: { secret: "s3cr3t-enable" },
    operation: config("hostname a"),
    outputs: [],
    ok: [],
    error: ["ConfigLocked", "user 'ops'"],
  },
  {
    what: "a session that begins in configuration mode is led out of it",
    steps: [
      prints("Router(config-if)#"),
      ...told("end", "Router#"),
      ...told("terminal width 511", "Router#"),
      ...told("terminal length 0", "Router#"),
      ...told("show clock", "Router#", "12:00\r\n"),
    ],
    operation: commands("show clock"),
    outputs: ["12:00\n"],
    ok: [true],
  },
  {
    what: "a wrong enable password is given once",
    steps: [
      ...iosLogin,
      reads("enable\n"),
      prints("enable\r\nPassword: "),
      reads("s3cr3t-enable\n"),
      prints("\r\nPassword: "),
      reads("\x1e\x03"),
      prints("\r\n% Bad secrets\r\n\r\nRouter>"),
    ],
    options: { secret: "s3cr3t-enable" },
    operation: commands("show clock"),
    outputs: [],
    ok: [],
    error: ["AuthenticationError", "did not accept connection_args.secret"],
  },
  {
    what: "an enable password that is refused at once",
    steps: [
      ...iosLogin,
      reads("enable\n"),
      prints("enable\r\nPassword: "),
      reads("s3cr3t-enable\n"),
      prints("\r\n% Access denied\r\n\r\nRouter>"),
    ],
    options: { secret: "s3cr3t-enable" },
    operation: commands("show clock"),
    outputs: [],
    ok: [],
    error: ["AuthenticationError", "% Access denied"],
  },
  {
    what: "an enable password that was not given",
    steps: [
      ...iosLogin,
      reads("enable\n"),
      prints("enable\r\nPassword: "),
      reads("\x1e\x03"),
      prints("\r\nRouter>"),
    ],
    operation: commands("show clock"),
    driverArgs: { enable_mode: true },
    outputs: [],
    ok: [],
    error: ["AuthenticationError", "give it as connection_args.secret"],
  },
  {
    what: "FRRouting, as recorded: a command, a refused one",
    steps: [
      ...frrLogin,
      ...told("show ip route static", "frr1# ", "S>* 192.0.2.0/24 [1/0] via 10.255.0.2, eth0\r\n"),
      ...told("show fooo", "frr1# ", "% Unknown command: show fooo\r\n"),
    ],
    options: { deviceType: "frr" },
    operation: commands("show ip route static", "show fooo"),
    outputs: ["S>* 192.0.2.0/24 [1/0] via 10.255.0.2, eth0\n", "% Unknown command: show fooo\n"],
    ok: [true, false],
    error: ["CommandError", "% Unknown command: show fooo"],
  },
];

describe.each(CUTS.map((cut) => [JSON.stringify(cut), cut] as const))("cut %s", (_name, cut) => {
  test.each(cases.map((each) => [each.what, each] as const))("%s", async (_what, each) => {
    const device = new ReplayDevice(each.steps, cut);
    const session = await open(device, each.options);
    const { outputs, ok, error } = await run(session, each.operation, each.driverArgs);
    expect({ outputs, ok, error: summary(error) }).toEqual({
      outputs: each.outputs,
      ok: each.ok,
      error: each.error === undefined ? null : [each.error[0], expect.stringContaining(each.error[1])],
    });
    // The device may have a last space to print behind its prompt.
    await new FakeClock().settle();
    expect(device.done).toBe(true);
  });
});

function summary(error: unknown): [string, string] | null {
  if (error === null) return null;
  if (!(error instanceof DeviceError)) throw error;
  return [error.type, error.message];
}
