import { describe, expect, test } from "bun:test";
import type { CliDriverArgs } from "../../../drivers/cli/args.ts";
import { cliDriver } from "../../../drivers/cli/index.ts";
import { DeviceError, type DeviceSession } from "../../../src/device/driver.ts";
import type { DeviceHandle } from "../../../src/lab/lab.ts";
import { withLab } from "../../lab/support/with-lab.ts";
import { FakeClock } from "../../support/clock.ts";
import { prints, ReplayDevice, reads, type Step } from "../../support/replay.ts";
import { context, run } from "../support.ts";
import { config as lines, open, run as sum } from "./support/session.ts";
import { told } from "./transcripts.ts";

/** Dry runs in configuration sessions, which outlive the connection that opened them. */
const config = (...typed: string[]) => ({ kind: "config" as const, lines: typed });
const DRY: CliDriverArgs = { dry_run: true };
const SESSIONS = { kind: "command" as const, commands: ["show configuration sessions"] };

const connect = ({ host, port }: { host: string; port: number }) =>
  cliDriver.connect(
    context({ host, port, username: "admin", password: "admin", secret: "admin", device_type: "arista_eos" }),
  );

async function onEos(
  use: (session: DeviceSession<CliDriverArgs>, device: DeviceHandle, lab: TestLab) => Promise<void>,
  onLine: (text: string) => void = () => {},
): Promise<void> {
  await using lab = await withLab({
    platform: "arista_eos",
    onEvent: (event) => {
      if (event.type === "line") onLine(event.text);
    },
  });
  const device = lab.device(0);
  const session = await connect(device);
  try {
    await use(session, device, lab);
  } finally {
    session.destroy();
  }
}

/** Those that the device still has. */
async function pending(session: DeviceSession<CliDriverArgs>): Promise<string[]> {
  const { outputs, error } = await run(session, SESSIONS, {});
  expect(error).toBeNull();
  const { stdout } = outputs[0] ?? { stdout: "" };
  expect(stdout).toContain("Maximum number of pending sessions: 5");
  return (stdout.match(/^ {2}\S+(?= +pending$)/gm) ?? []).map((name) => name.trim());
}

type TestLab = Awaited<ReturnType<typeof withLab>>;

const typed = (device: DeviceHandle) => device.log().map(({ text }) => text);

describe("a dry run on EOS leaves no session behind", () => {
  test("when it ends below the session's top, in a list that only its end puts there", async () => {
    await onEos(async (session, device) => {
      const before = device.runningConfig();
      const { outputs, error } = await run(
        session,
        config("ip access-list mgmt", "10 permit ip any any"),
        DRY,
      );
      expect(error).toBeNull();
      expect(outputs.at(-1)?.stdout).toContain("+ip access-list mgmt\n+   10 permit ip any any\n");
      expect(device.runningConfig()).toBe(before);
      const [name, ...rest] = typed(device).slice(
        typed(device).findIndex((line) => /session NPdry_/.test(line)),
      );
      expect(name).toMatch(/^configure session NPdry_[\da-f]{12}$/);
      expect(rest.slice(2)).toEqual(["exit", "show session-config diffs", "abort"]);
      expect(await pending(session)).toEqual([]);
    });
  });

  test("when a line is refused in an access list, whose abort is another", async () => {
    await onEos(async (session, device) => {
      const refused = config("ip name-server 192.0.2.53", "ip access-list mgmt", "nonsense", "vlan 10");
      const { outputs, error } = await run(session, refused, DRY);
      expect(error).toMatchObject({
        type: "ConfigError",
        message: "line 3 was refused: % Invalid input; nothing was committed",
      });
      expect(outputs.map(({ ok }) => ok)).toEqual([false, false, false]);
      expect(typed(device)).not.toContain("vlan 10");
      expect(await pending(session)).toEqual([]);
      expect(device.runningConfig()).not.toContain("192.0.2.53");
    });
  });

  test.each(["exit", "end", "abort"])("when a line is %j", async (line) => {
    await onEos(async (session, device) => {
      const { error } = await run(session, config("ip name-server 192.0.2.53", line, "vlan 10"), DRY);
      expect(error).toMatchObject({
        type: "ConfigError",
        message: expect.stringContaining("line 2 left configuration mode"),
      });
      expect(typed(device)).not.toContain("vlan 10");
      expect(await pending(session)).toEqual([]);
      expect(device.runningConfig()).not.toContain("192.0.2.53");
    });
  });

  // The first is the session's own, whose prompt nobody has seen when the job ends.
  test.each([
    "configure session NPdry_",
    "vlan 10",
    "name users",
    "exit",
    "end",
    "show session-config diffs",
  ])("when the job is aborted over %j", async (begins) => {
    const stop = new DeviceError("JobAborted", "the job was aborted");
    const abort = new AbortController();
    const onLine = (text: string) => {
      if (text.startsWith(begins)) abort.abort(stop);
    };
    await onEos(async (session, device) => {
      const leaves = /^(?:exit|end)$/.test(begins) ? ["exit", begins] : [];
      const operation = config("vlan 10", "name users", ...leaves);
      const { error } = await run(session, operation, DRY, { signal: abort.signal });
      expect(error).toBe(stop);
      expect(typed(device).at(-1)).toBe("abort");
      const next = await connect(device);
      expect(await pending(next)).toEqual([]);
      next.destroy();
    }, onLine);
  });

  test("and has another each time", async () => {
    await onEos(async (session, device) => {
      for (let nth = 0; nth < 7; nth++) expect((await run(session, config("vlan 10"), DRY)).error).toBeNull();
      const names = typed(device).filter((line) => line.startsWith("configure session"));
      expect(new Set(names).size).toBe(7);
      expect((await run(session, config("vlan 10"), {})).error).toBeNull();
      expect(device.runningConfig()).toContain("vlan 10");
    });
  });
});

test("others' sessions are left alone, and a device that has as many as it takes says so", async () => {
  await onEos(async (session, device, lab) => {
    const other = await lab.login();
    await other.until(/>$/);
    other.type("enable\r");
    await other.until(/Password: $/);
    other.type("admin\r");
    await other.until(/#$/);
    const theirs = ["one", "two", "three", "four", "five"];
    for (const name of theirs) {
      other.type(`configure session ${name}\r`);
      await other.until(/\)#$/);
      other.type("end\r");
      await other.until(/1#$/);
    }
    other.end();
    const { outputs, error } = await run(session, config("vlan 10"), DRY);
    expect(error).toMatchObject({
      type: "ConfigError",
      message: expect.stringContaining("% Maximum number of pending sessions has been reached."),
    });
    expect(outputs).toEqual([]);
    expect(typed(device)).not.toContain("vlan 10");
    expect(await pending(session)).toEqual(theirs);
  });
});

const login: Step[] = [
  prints("leaf1#"),
  ...told("terminal width 511", "leaf1#"),
  ...told("terminal length 0", "leaf1#"),
];

test("a device that is slow to abort has more time for it than one that has nothing to drop", async () => {
  const device = new ReplayDevice([
    ...login,
    ...told("configure session NPdry_0123456789ab", "leaf1(config-s-NPdry_)#"),
    reads("vlan 10\n"),
    reads("\x03"),
    prints("^C\r\nleaf1(config-s-NPdry_)#"),
    reads("abort\n"),
  ]);
  const clock = new FakeClock();
  const session = await open(device, { deviceType: "arista_eos", clock });
  const [stop, abort] = [new DeviceError("JobAborted", "the job was aborted"), new AbortController()];
  const running = sum(session, lines("vlan 10"), DRY, abort.signal);
  while (!device.typed.endsWith("vlan 10\n")) await clock.settle();
  abort.abort(stop);
  await clock.advance(2_400);
  expect([device.done, device.ended]).toEqual([true, false]);
  await clock.advance(101);
  expect((await running).error).toBe(stop);
  expect(device.ended).toBe(true);
});

test("a device that leads elsewhere gets no line, and is left", async () => {
  const device = new ReplayDevice([
    ...login,
    ...told("configure session NPdry_0123456789ab", "leaf1(config)#"),
    ...told("end", "leaf1#"),
  ]);
  const session = await open(device, { deviceType: "arista_eos", clock: new FakeClock() });
  const { error, outputs } = await sum(session, lines("vlan 10"), DRY);
  expect(error).toMatchObject({
    type: "ConfigError",
    message: expect.stringContaining("led into no session"),
  });
  expect(outputs).toEqual([]);
  expect(device.done).toBe(true);
});

describe("what reaches beyond the session is refused before anything is typed", () => {
  const check = (driverArgs: CliDriverArgs, ...typedLines: string[]) =>
    cliDriver
      .check({
        connectionArgs: { host: "192.0.2.1", username: "u", password: "p", device_type: "arista_eos" },
        driverArgs,
        operation: config(...typedLines),
      })
      .map(({ loc, msg }) => `${loc.join(".")} ${msg}`);

  test.each(["configure terminal", " conf t", "do copy flash:x running-config", "wr", "write memory"])(
    "%j",
    (line) => {
      expect(check(DRY, "vlan 10", line)).toEqual(["config.1 reaches beyond what a dry run drops"]);
      expect(check({}, "vlan 10", line)).toEqual([]);
    },
  );

  test.each(["commit", "comm", "commit timer 00:05:00"])("%j", (line) => {
    expect(check(DRY, "vlan 10", line)).toEqual(["config.1 commits, which a dry run must not"]);
  });

  test("but not lines that only begin like it", () => {
    expect(check(DRY, "router bgp 1", "copp", "comment x", "writer")).toEqual([]);
  });

  test.each([
    [{ save: true }, "driver_args.save does not go with dry_run"],
    [{ diff: true }, "driver_args.diff does not go with dry_run"],
    [{ exit_config_mode: false }, "driver_args.exit_config_mode false does not go with dry_run"],
    [
      { config_mode_command: "configure session x" },
      "driver_args.config_mode_command does not go with dry_run",
    ],
    [{ commit_confirm: 60 }, "driver_args.commit_confirm Arista EOS has no commit"],
  ])("%j", (more, message) => {
    expect(check({ ...DRY, ...more }, "vlan 10")).toContainEqual(expect.stringContaining(message));
  });
});
