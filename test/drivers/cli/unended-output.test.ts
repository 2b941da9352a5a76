import { describe, expect, test } from "bun:test";
import { FakeClock } from "../../support/clock.ts";
import { CUTS, ReplayDevice, type Step } from "../../support/replay.ts";
import { inTime } from "./support/in-time.ts";
import { commands, config, open, run } from "./support/session.ts";
import { iosEnable, iosLogin, prints, reads, told } from "./transcripts.ts";

/** Output whose last line is not ended: the prompt stands right behind it. */

interface Kind {
  deviceType: string;
  login: Step[];
  /** The prompt, as often as it was shown. */
  prompt(shown: number): string;
}

const fixed = (deviceType: string, prompt: string, login: Step[]): Kind => ({
  deviceType,
  login,
  prompt: () => prompt,
});

const SHELL = "export PAGER=cat SYSTEMD_PAGER=cat";
const kinds: Kind[] = [
  fixed("cisco_ios", "Router>", iosLogin),
  fixed("linux", "\x1b[?2004hnp@vm:~$ ", [
    prints("Linux\r\n\x1b[?2004hnp@vm:~$ "),
    reads(`${SHELL}\n`),
    prints(`${SHELL}\r\n\x1b[?2004l\r\x1b[?2004hnp@vm:~$ `),
  ]),
  {
    deviceType: "extreme_exos",
    login: [
      prints("X440.1 # "),
      reads("disable clipaging session\n"),
      prints("disable clipaging session\r\nX440.2 # "),
    ],
    prompt: (shown) => `X440.${shown + 2} # `,
  },
];

const texts = [
  ["a word", "abc"],
  ["words", "two words"],
  ["a number and a percent sign", "100%"],
  ["more than one line", "one\r\n two"],
  ["spaces in front", "  abc"],
  ["a line that is too long for a prompt", "x".repeat(300)],
  ["a line of many screens", "0123456789".repeat(1000)],
] as const;

describe.each(kinds.map((kind) => [kind.deviceType, kind] as const))(
  "%s",
  (deviceType, { login, prompt }) => {
    describe.each(CUTS.map((cut) => [JSON.stringify(cut), cut] as const))("cut %s", (_name, cut) => {
      test.each(texts)("%s in front of the prompt is output", async (_what, text) => {
        const clock = new FakeClock();
        const device = new ReplayDevice(
          [
            ...login,
            reads("more it\n"),
            prints(`more it\r\n${text}${prompt(1)}`),
            reads("more it\n"),
            prints(`more it\r\n${text}${prompt(2)}`),
            ...told("next", prompt(3), "well\r\n"),
          ],
          cut,
        );
        const session = await open(device, { clock, deviceType });
        const running = run(session, commands("more it", "more it", "next"));
        const { value, seconds } = await inTime({ clock, device, running });
        const shown = text.replaceAll("\r", "");
        expect(value).toEqual({ outputs: [shown, shown, "well\n"], ok: [true, true, true], error: null });
        expect(seconds).toBeLessThan(5);
      });
    });
  },
);

test("a prompt that is written twice on a line is no output", async () => {
  const clock = new FakeClock();
  const steps = [...iosLogin, reads("show clock\n"), prints("show clock\r\n12:00\r\nRouter>Router>")];
  const device = new ReplayDevice([...steps, ...told("next", "Router>", "well\r\n")]);
  const session = await open(device, { clock });
  const { value } = await inTime({ clock, device, running: run(session, commands("show clock", "next")) });
  expect(value).toEqual({ outputs: ["12:00\n", "well\n"], ok: [true, true], error: null });
});

test("a line that goes on behind what looks like the prompt is output, whole", async () => {
  const clock = new FakeClock();
  const device = new ReplayDevice([
    ...iosLogin,
    reads("more it\n"),
    prints("more it\r\nlog in to Router>"),
    prints(" and wait\r\nRouter>"),
  ]);
  const session = await open(device, { clock });
  const { value } = await inTime({ clock, device, running: run(session, commands("more it")) });
  expect(value.outputs).toEqual(["log in to Router> and wait\n"]);
});

test("a device that is given a longer name has that, and has printed nothing", async () => {
  const clock = new FakeClock();
  const device = new ReplayDevice([
    ...iosLogin,
    ...iosEnable,
    ...told("configure terminal", "Router(config)#"),
    ...told("hostname My-Router", "My-Router(config)#"),
    ...told("end", "My-Router#"),
    ...told("show clock", "My-Router#", "12:00\r\n"),
  ]);
  const session = await open(device, { clock, secret: "s3cr3t-enable" });
  const running = (async () => [
    await run(session, config("hostname My-Router")),
    await run(session, commands("show clock")),
  ])();
  const { value } = await inTime({ clock, device, running });
  expect(value.map(({ outputs, error }) => [outputs, error])).toEqual([
    [[""], null],
    [["12:00\n"], null],
  ]);
});
