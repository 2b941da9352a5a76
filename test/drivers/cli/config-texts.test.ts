import { expect, test } from "bun:test";
import { cliDriver } from "../../../drivers/cli/index.ts";
import type { ByteChannel, ByteSink } from "../../../src/device/transport/channel.ts";
import { FakeClock } from "../../support/clock.ts";
import { CUTS, ReplayDevice, type Step } from "../../support/replay.ts";
import { inTime } from "./support/in-time.ts";
import { config, open, run } from "./support/session.ts";
import { iosEnable, iosLogin, prints, reads, told } from "./transcripts.ts";

/** Texts of several lines within a configuration, for which devices show no prompt. */

const NOTICE = "Enter TEXT message.  End with the character '#'.\r\n";
const inConfig = [...iosLogin, ...iosEnable, ...told("configure terminal", "Router(config)#")];
const repeats = (line: string, before = ""): Step[] => [reads(`${line}\n`), prints(`${before}${line}\r\n`)];
const leaves = told("end", "Router#");

async function configured(steps: Step[], lines: string[], cut: (typeof CUTS)[number] = "whole") {
  const clock = new FakeClock();
  const device = new ReplayDevice(steps, cut);
  const session = await open(device, { clock, secret: "s3cr3t-enable" });
  const { value, seconds } = await inTime({ clock, device, running: run(session, config(...lines)) });
  return { ...value, error: value.error === null ? null : String(value.error), seconds, done: device.done };
}

const LATER = "\0later";
const BANNER = ["banner motd #", "Keep out", "  two # words", "hostname edge"];
const taken = { outputs: [NOTICE.replace("\r", ""), "", "", ""], ok: [true, true, true, true], error: null };

test.each([
  ["which repeats its lines", ""],
  ["which writes something in front of them", "> "],
])("a banner is typed to a device %s", async (_what, before) => {
  for (const cut of CUTS) {
    const [first = "", ...rest] = ["banner motd #", "Keep out", "or else"];
    const steps = [
      ...inConfig,
      reads(`${first}\n`),
      prints(`${first}\r\n${NOTICE}${before}`),
      ...rest.flatMap((line) =>
        repeats(line).flatMap((step) => ("prints" in step ? prints(`${line}\r\n${before}`) : step)),
      ),
      ...told("bye#", "Router(config)#"),
      ...told("interface Gi0/1", "Router(config-if)#"),
      ...leaves,
    ];
    const result = await configured(steps, [first, ...rest, "bye#", "interface Gi0/1"], cut);
    expect(result).toMatchObject({ ok: [true, true, true, true, true], error: null, done: true });
    expect(result.outputs[0]).toBe(NOTICE.replace("\r", ""));
    // Only where the text begins there is something to wait for.
    expect(result.seconds).toBeLessThan(2);
  }
});

test("the line that has the delimiter ends it, and those behind it are configuration", async () => {
  const steps = [
    ...inConfig,
    reads("banner motd #\n"),
    prints(`banner motd #\r\n${NOTICE}`),
    ...repeats("Keep out"),
    ...told("  two # words", "Router(config)#"),
    ...told("hostname edge", "edge(config)#"),
    ...told("end", "edge#"),
  ];
  expect(await configured(steps, BANNER)).toMatchObject({ ...taken, done: true });
});

test("one that is refused where it begins ends the job there: its text is not typed as configuration", async () => {
  const steps = [
    ...inConfig,
    ...told("banner motd #", "Router(config)#", "% Authorization failed.\r\n"),
    ...leaves,
  ];
  const { ok, error, done } = await configured(steps, BANNER);
  expect({ ok, done }).toEqual({ ok: [false], done: true });
  expect(error).toContain("line 1 was refused: % Authorization failed.");
});

test("a device that takes its time to refuse it gets no text of it", async () => {
  const clock = new FakeClock();
  const device = new ReplayDevice([
    ...inConfig,
    ...repeats("banner motd #"),
    // What comes of itself, after a while.
    reads(LATER),
    prints("% Authorization failed.\r\nRouter(config)#"),
    ...leaves,
  ]);
  const slow = {
    async open(sink: ByteSink): Promise<ByteChannel> {
      const channel = await device.open(sink);
      const write = (text: string) => {
        channel.write(text);
        if (text.startsWith("banner")) clock.after(3_000, () => channel.write(LATER));
      };
      return { ...channel, write };
    },
  };
  const session = await open(slow, { clock, secret: "s3cr3t-enable" });
  const { value } = await inTime({ clock, device, running: run(session, config(...BANNER)) });
  expect([value.ok, String(value.error)]).toEqual([
    [false],
    expect.stringContaining("line 1 was refused: % Authorization failed."),
  ]);
  expect(device.done).toBe(true);
});

test("one that says nothing where a text begins is given five seconds to", async () => {
  const steps = [
    ...inConfig,
    ...repeats("banner motd #"),
    ...repeats("Keep out"),
    ...told("#", "Router(config)#"),
    ...leaves,
  ];
  const { error, seconds, done } = await configured(steps, ["banner motd #", "Keep out", "#"]);
  expect({ error, done }).toEqual({ error: null, done: true });
  expect(seconds).toBeGreaterThan(4.9);
  expect(seconds).toBeLessThan(7);
});

test("where the device begins no text, lines are configuration, and may be refused", async () => {
  const steps = [
    ...inConfig,
    ...told("banner motd #", "Router(config)#"),
    ...told("Keep out", "Router(config)#", "% Invalid input detected at '^' marker.\r\n"),
    ...leaves,
  ];
  const { ok, error, done } = await configured(steps, BANNER);
  expect({ ok, done }).toEqual({ ok: [true, false], done: true });
  expect(error).toContain("line 2 was refused: % Invalid input");
});

test("a device that does not repeat the lines of a text costs half a second for each", async () => {
  const steps = [
    ...inConfig,
    reads("banner motd #\n"),
    prints(`banner motd #\r\n${NOTICE}`),
    reads("Keep out\n"),
    reads("or else\n"),
    ...told("#", "Router(config)#"),
    ...leaves,
  ];
  const { error, seconds } = await configured(steps, ["banner motd #", "Keep out", "or else", "#"]);
  expect(error).toBeNull();
  expect(seconds).toBeLessThan(4);
});

test("a text that would take in what is typed next is refused before anything is", () => {
  const connectionArgs = { host: "192.0.2.1", username: "u", password: "p", device_type: "cisco_ios" };
  const wrong = (...lines: string[]) =>
    cliDriver
      .check({ connectionArgs, driverArgs: {}, operation: { kind: "config", lines } })
      .map(({ loc, msg }) => `${loc.join(".")} ${msg}`);
  expect(wrong("hostname x", "banner motd #", "Keep out")).toEqual([
    "config.1 begins a text that no line after it ends",
  ]);
  expect(wrong("banner motd ^C", "2^10", "^C")).toEqual([
    "config.1 has a ^ in a text that ^C ends, which ends it on some devices; take another delimiter",
  ]);
  expect(wrong(...BANNER)).toEqual([]);
});
