import { describe, expect, test } from "bun:test";
import type { CliDriverArgs } from "../../../drivers/cli/args.ts";
import { DeviceError, type Operation } from "../../../src/device/driver.ts";
import { FakeClock } from "../../support/clock.ts";
import { CUTS, ReplayDevice, type Step } from "../../support/replay.ts";
import { inTime } from "./support/in-time.ts";
import { config, entries, open, run } from "./support/session.ts";
import { ends, iosEnable, iosLogin, more, prints, reads, told } from "./transcripts.ts";

interface Case {
  what: string;
  steps: Step[];
  operation: Operation;
  driverArgs?: CliDriverArgs;
  secret?: string;
  outputs: string[];
  ok: (boolean | null)[];
  /** Type and part of the message. */
  error?: [string, string];
  /** The session is of no use afterwards. */
  closed?: true;
}

const interrupt = reads("\x1e\x03");

const cases: Case[] = [
  {
    what: "an answer for each question, in the order that fits, and the questions in the output",
    steps: [
      ...iosLogin,
      reads("copy running-config startup-config\n"),
      prints("copy running-config startup-config\r\nDestination filename [startup-config]? "),
      reads("backup-1\n"),
      prints("backup-1\r\nOverwrite? [confirm]"),
      reads("\n"),
      prints("\r\nBuilding configuration...\r\n[OK]\r\nRouter>"),
    ],
    operation: entries({
      command: "copy running-config startup-config",
      answers: [
        { question: "[confirm]", answer: "" },
        { question: "destination FILENAME", answer: "backup-1" },
      ],
    }),
    outputs: [
      "Destination filename [startup-config]?\nOverwrite? [confirm]\nBuilding configuration...\n[OK]\n",
    ],
    ok: [true],
  },
  {
    what: "a password is typed where it is asked for, and hidden where the device repeats it",
    steps: [
      ...iosLogin,
      reads("request password\n"),
      prints("request password\r\nNew password: "),
      reads("hunter2-hunter2\n"),
      prints("\r\nuser ops has hunter2-hunter2 now\r\nRouter>"),
    ],
    operation: entries({
      command: "request password",
      answers: [{ question: "password:", answer: "hunter2-hunter2" }],
    }),
    outputs: ["New password:\nuser ops has ****** now\n"],
    ok: [true],
  },
  {
    what: "a question's words in the output are no question",
    steps: [
      ...iosLogin,
      ...told("show help", "Router>", "the device asks [confirm] before it\r\nand then [confirm]\r\n"),
    ],
    operation: entries({ command: "show help", answers: [{ question: "[confirm]", answer: "no" }] }),
    outputs: ["the device asks [confirm] before it\nand then [confirm]\n"],
    ok: [true],
  },
  {
    what: "answers of the job are for lines of configuration, too",
    steps: [
      ...iosLogin,
      ...iosEnable,
      ...told("configure terminal", "Router(config)#"),
      reads("no username ops\n"),
      prints("no username ops\r\nThis operation will remove all of it. Continue? [confirm]"),
      reads("y\n"),
      prints("y\r\nRouter(config)#"),
      ...told("end", "Router#"),
    ],
    secret: "s3cr3t-enable",
    operation: config("no username ops"),
    driverArgs: { answers: [{ question: "[confirm]", answer: "y" }] },
    outputs: ["This operation will remove all of it. Continue? [confirm]\n"],
    ok: [true],
  },
  {
    what: "expect_string ends a command at a question, which the next one answers",
    steps: [
      ...iosLogin,
      reads("copy run start\n"),
      prints("copy run start\r\nDestination filename [startup-config]? "),
      reads("\n"),
      prints("\r\n[OK]\r\nRouter>"),
    ],
    operation: entries(
      { command: "copy run start", expect_string: String.raw`filename \[.*\]\?` },
      { command: "" },
    ),
    outputs: ["Destination filename [startup-config]?", "[OK]\n"],
    ok: [true, true],
  },
  {
    what: "expect_string that fits the prompt ends there, as without it",
    steps: [
      ...iosLogin,
      ...told("show clock", "Router>", "12:00\r\n"),
      ...told("show users", "Router>", "me\r\n"),
    ],
    operation: entries(
      { command: "show clock", expect_string: "Router[>#]" },
      { command: "show users", expect_string: String.raw`me\s+Router> ?$` },
    ),
    outputs: ["12:00\n", "me\n"],
    ok: [true, true],
  },
  {
    what: "the prompt without what was expected fails the command, and those after it are not sent",
    steps: [...iosLogin, ...told("copy run start", "Router>", "[failed]\r\n")],
    operation: entries({ command: "copy run start", expect_string: "OK" }, { command: "reload" }),
    outputs: ["[failed]\n"],
    ok: [false],
    error: ["CommandError", '"copy run start" came to the prompt without a match of expect_string'],
  },
  {
    what: "strip_command and strip_prompt false show both",
    steps: [...iosLogin, ...told("show clock", "Router>", "12:00\r\n")],
    operation: entries({ command: "show clock", strip_command: false, strip_prompt: false }),
    outputs: ["show clock\n12:00\nRouter>"],
    ok: [true],
  },
  {
    what: "what ends the session has done its work when the device closes it",
    steps: [
      ...iosLogin,
      reads("reload\n"),
      prints("reload\r\nProceed with reload? [confirm]"),
      reads("\n"),
      prints("\r\n*** --- SHUTDOWN NOW ---\r\n"),
      ends("the device closed the connection"),
    ],
    operation: entries({
      command: "reload",
      expect_close: true,
      answers: [{ question: "[confirm]", answer: "" }],
    }),
    outputs: ["Proceed with reload? [confirm]\n*** --- SHUTDOWN NOW ---\n"],
    ok: [true],
    closed: true,
  },
  {
    what: "what was to end the session and comes back to the prompt has failed",
    steps: [...iosLogin, ...told("reload", "Router>", "Reload is not allowed now\r\n")],
    operation: entries({ command: "reload", expect_close: true }),
    outputs: ["Reload is not allowed now\n"],
    ok: [false],
    error: ["CommandError", "was to end the session, but the device is at its prompt again"],
  },
  {
    what: "a connection that ends without being told to is a failure, as ever",
    steps: [...iosLogin, reads("reload\n"), prints("reload\r\n"), ends("the device closed the connection")],
    operation: entries({ command: "reload" }),
    outputs: [""],
    ok: [null],
    error: ["ConnectionError", "closed the connection"],
    closed: true,
  },
];

describe.each(CUTS.map((cut) => [JSON.stringify(cut), cut] as const))("cut %s", (_name, cut) => {
  test.each(cases.map((each) => [each.what, each] as const))("%s", async (_what, each) => {
    const clock = new FakeClock();
    const device = new ReplayDevice(each.steps, cut);
    const reasons: string[] = [];
    const session = await open(device, {
      clock,
      ...(each.secret !== undefined && { secret: each.secret }),
      closed: (reason) => reasons.push(reason),
    });
    const running = run(session, each.operation, each.driverArgs);
    const { outputs, ok, error } = (await inTime({ clock, device, running })).value;
    expect({ outputs, ok, error: summary(error) }).toEqual({
      outputs: each.outputs,
      ok: each.ok,
      error: each.error === undefined ? null : [each.error[0], expect.stringContaining(each.error[1])],
    });
    await clock.settle();
    expect(device.done).toBe(true);
    expect(reasons).toHaveLength(each.closed ? 1 : 0);
  });
});

function summary(error: unknown): [string, string] | null {
  if (error === null) return null;
  if (!(error instanceof DeviceError)) throw error;
  return [error.type, error.message];
}

describe("on a clock", () => {
  test("what never ends is interrupted after its time, and well when the device is at its prompt again", async () => {
    const clock = new FakeClock();
    const device = new ReplayDevice([
      ...iosLogin,
      reads("ping 192.0.2.9 repeat 100000\n"),
      prints("ping 192.0.2.9 repeat 100000\r\nType escape sequence to abort.\r\n!!!!!"),
      interrupt,
      prints("\r\nSuccess rate is 100 percent (5/5)\r\nRouter>"),
      ...told("show clock", "Router>", "12:00\r\n"),
    ]);
    const session = await open(device, { clock });
    const operation = entries(
      { command: "ping 192.0.2.9 repeat 100000", stop_after: 90, read_timeout: 5 },
      { command: "show clock" },
    );
    const { value, seconds } = await inTime({ clock, device, running: run(session, operation) });
    expect(value).toEqual({
      outputs: ["Type escape sequence to abort.\n!!!!!\nSuccess rate is 100 percent (5/5)\n", "12:00\n"],
      ok: [true, true],
      error: null,
    });
    expect(seconds).toBe(90);
    expect(clock.timers).toBe(0);
  });

  test("a pager of what is interrupted is answered with the interrupt", async () => {
    const clock = new FakeClock();
    const device = new ReplayDevice([
      ...iosLogin,
      reads("debug all\n"),
      prints("debug all\r\none\r\n"),
      interrupt,
      prints(`two\r\n${more}`),
      interrupt,
      prints("\r\nRouter>"),
    ]);
    const session = await open(device, { clock });
    const { value } = await inTime({
      clock,
      device,
      running: run(session, entries({ command: "debug all", stop_after: 3 })),
    });
    expect(value).toMatchObject({ ok: [true], error: null });
    expect(value.outputs[0]).toStartWith("one\ntwo\n");
  });

  test("one that ignores the interrupt is a TimeoutError, and its session is given up", async () => {
    const clock = new FakeClock();
    const device = new ReplayDevice([
      ...iosLogin,
      reads("monitor\n"),
      prints("monitor\r\ntick\r\n"),
      interrupt,
    ]);
    const reasons: string[] = [];
    const session = await open(device, { clock, closed: (reason) => reasons.push(reason) });
    const { value } = await inTime({
      clock,
      device,
      running: run(session, entries({ command: "monitor", stop_after: 3 })),
    });
    expect(value).toMatchObject({ outputs: ["tick\n"], ok: [null], error: { type: "TimeoutError" } });
    expect(reasons).toHaveLength(1);
  });

  test("each command has its own time-out", async () => {
    const clock = new FakeClock();
    const device = new ReplayDevice([
      ...iosLogin,
      ...told("show clock", "Router>", "12:00\r\n"),
      reads("show tech\n"),
      prints("show tech\r\n"),
    ]);
    const session = await open(device, { clock });
    const operation = entries({ command: "show clock" }, { command: "show tech", read_timeout: 200 });
    const { value, seconds } = await inTime({
      clock,
      device,
      running: run(session, operation, { read_timeout: 7 }),
    });
    expect(value.error).toMatchObject({ type: "TimeoutError" });
    expect(seconds).toBeGreaterThanOrEqual(200);
    expect(seconds).toBeLessThan(220);
  });

  test("a question that does not end like one is answered once the device is silent", async () => {
    const clock = new FakeClock();
    const device = new ReplayDevice(
      [
        ...iosLogin,
        reads("menu\n"),
        prints("menu\r\n1 quit\r\nyour choice"),
        reads("1\n"),
        prints("1\r\nbye\r\nRouter>"),
      ],
      "bytes",
    );
    const session = await open(device, { clock });
    const operation = entries({ command: "menu", answers: [{ question: "your choice", answer: "1" }] });
    const { value } = await inTime({ clock, device, running: run(session, operation) });
    expect(value).toEqual({ outputs: ["1 quit\nyour choice\nbye\n"], ok: [true], error: null });
  });

  test("what was expected of a device that prints on and on ends the command; the run brings it to rest", async () => {
    const clock = new FakeClock();
    const device = new ReplayDevice([
      ...iosLogin,
      reads("monitor\n"),
      prints("monitor\r\nlink up\r\nrest of it"),
      interrupt,
      prints("\r\nRouter>"),
      ...told("show clock", "Router>", "12:00\r\n"),
    ]);
    const session = await open(device, { clock });
    const { value } = await inTime({
      clock,
      device,
      running: run(session, entries({ command: "monitor", expect_string: "link up" })),
    });
    expect(value).toEqual({ outputs: ["link up\nrest of it"], ok: [true], error: null });
    expect(await run(session, entries({ command: "show clock" }))).toMatchObject({ outputs: ["12:00\n"] });
  });

  test("a pattern that takes too many steps fails its command instead of holding everything up", async () => {
    const clock = new FakeClock();
    const line = "a".repeat(3000);
    const device = new ReplayDevice([...iosLogin, ...told("show a", "Router>", `${line}\r\n`)]);
    const session = await open(device, { clock });
    const operation = entries({ command: "show a", expect_string: "(a|aa)+(a|aa)+(a|aa)+$(?!.)b" });
    const { value } = await inTime({ clock, device, running: run(session, operation) });
    expect(value.error).toMatchObject({
      type: "CommandError",
      message: expect.stringContaining("too many steps"),
    });
  });
});

const LOG =
  "*Mar  1 00:01:02.003: %LINEPROTO-5-UPDOWN: Line protocol on Interface Vlan1, changed state to up\r\n";

describe.each(CUTS.map((cut) => [JSON.stringify(cut), cut] as const))(
  "log messages, cut %s",
  (_name, cut) => {
    // A prompt that comes alone is one: what is logged after it belongs to no command.
    const alone = cut === "bytes";
    test.each([
      ["behind the prompt, on lines of their own", `Router>\r\n${LOG}${LOG}`, LOG + LOG],
      ["behind the prompt, on its line", `Router>${LOG}`, LOG],
      ["before the prompt", `${LOG}Router>`, LOG],
      ["behind the prompt, which is written again", `Router>\r\n${LOG}Router>`, `Router>\r\n${LOG}`],
    ])("%s", async (_what, printed, shown) => {
      const clock = new FakeClock();
      const device = new ReplayDevice(
        [
          ...iosLogin,
          reads("show clock\n"),
          prints(`show clock\r\n12:00\r\n${printed}`),
          ...told("show users", "Router>", "me\r\n"),
        ],
        cut,
      );
      const session = await open(device, { clock });
      const operation = entries({ command: "show clock" }, { command: "show users" });
      const { value, seconds } = await inTime({ clock, device, running: run(session, operation) });
      expect(value).toEqual({
        outputs: [
          `12:00\n${alone && printed.startsWith("Router>") ? "" : shown.replaceAll("\r", "")}`,
          "me\n",
        ],
        ok: [true, true],
        error: null,
      });
      expect(seconds).toBeLessThan(5);
    });
  },
);

test("the prompt in output that goes on is output, log messages behind it or not", async () => {
  const text = `use Router>\r\nRouter>\r\n${LOG}and so on\r\n`;
  const device = new ReplayDevice([...iosLogin, ...told("show log", "Router>", text)]);
  const session = await open(device);
  const { outputs } = await run(session, entries({ command: "show log" }));
  expect(outputs).toEqual([text.replaceAll("\r", "")]);
});
