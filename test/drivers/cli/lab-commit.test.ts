import { describe, expect, test } from "bun:test";
import { cliDriver } from "../../../drivers/cli/index.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { ANY_LINE, DeviceError } from "../../../src/device/driver.ts";
import { withLab } from "../../lab/support/with-lab.ts";
import { context, run } from "../support.ts";

const config = (...lines: string[]) => ({ kind: "config" as const, lines });
const commands = (...lines: string[]) => ({ kind: "command" as const, commands: lines });

const connect = (port: number, deviceType: string) =>
  cliDriver.connect(
    context({ host: "127.0.0.1", port, username: "admin", password: "admin", device_type: deviceType }),
  );

interface CandidateCase {
  deviceType: string;
  /** A line that is taken. */
  line: string;
  /** What a trial of two minutes is typed as, and what confirms it; `null` where there is none. */
  trial: [sent: string, confirmed: string] | null;
  /** Lines that only the commit refuses, and the device's words then. */
  bad: string[];
  words: string;
  /** Shows something. */
  show: string;
}

const candidates: CandidateCase[] = [
  {
    deviceType: "cisco_xr",
    line: "snmp-server location here",
    trial: ["commit confirmed 120", "commit"],
    bad: ["router bgp 64999"],
    words: "BGP is already running",
    show: "show version",
  },
  {
    deviceType: "juniper_junos",
    line: "set system location building here",
    trial: ["commit confirmed 2", "commit"],
    bad: ["set protocols bgp group ext type external", "set protocols bgp group ext neighbor 192.0.2.9"],
    words: "peer AS number must be configured",
    show: "show version",
  },
  {
    deviceType: "huawei_vrpv8",
    line: "snmp-agent sys-info location here",
    trial: ["commit trial 120", "commit"],
    bad: ["bgp 64998", "quit", "bgp 64999"],
    words: "BGP is already running",
    show: "display clock",
  },
  {
    deviceType: "paloalto_panos",
    line: "set deviceconfig system location here",
    trial: null,
    bad: ["set network virtual-router default interface ethernet1/99"],
    words: "'ethernet1/99' is not a valid reference",
    show: "show system info",
  },
  {
    deviceType: "vyos",
    line: "set system domain-name here",
    trial: null,
    bad: ["set protocols bgp neighbor 192.0.2.9"],
    words: "BGP system-as must be defined!",
    show: "show version",
  },
  {
    deviceType: "nokia_sros",
    line: "configure system location here",
    trial: ["commit confirmed 2", "commit confirmed accept"],
    bad: ["configure router bgp group ext"],
    words: "autonomous-system must be set",
    show: "show version",
  },
];

const tried = candidates.flatMap(({ trial, ...rest }) => (trial === null ? [] : [{ ...rest, trial }]));

describe.each(tried)("$deviceType", ({ deviceType, line, trial: [trial, confirmed] }) => {
  test("keeps what was committed on trial once that is confirmed", async () => {
    let later = 0;
    const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + later };
    await using lab = await withLab({ platform: deviceType, clock });
    const device = lab.device(0);
    const session = await connect(device.port, deviceType);
    expect((await run(session, config(line), { commit_confirm: 120 })).error).toBeNull();
    const typed = device.log().map(({ text }) => text);
    expect(typed.slice(typed.indexOf(trial), typed.indexOf(trial) + 3)).toEqual([trial, "", confirmed]);
    later = 3_600_000;
    expect(device.runningConfig()).toContain("here");
    await session.close();
  });

  test("takes back what was committed on trial when the connection is lost over it", async () => {
    let later = 0;
    const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + later };
    const lost: { now(): void } = { now() {} };
    await using lab = await withLab({
      platform: deviceType,
      clock,
      onEvent: (event) => {
        if (event.type === "line" && event.text === trial) lost.now();
      },
    });
    const device = lab.device(0);
    lost.now = () => device.dropConnections();
    const session = await connect(device.port, deviceType);
    const { error } = await run(session, config(line), { commit_confirm: 120 });
    expect(error).toMatchObject({ type: "ConnectionError" });
    expect(String(error)).toContain("the device takes it back within 120 s");
    later = 60_000;
    expect(device.runningConfig()).toContain("here");
    later = 120_001;
    expect(device.runningConfig()).not.toContain("here");
  });
});

describe.each(candidates)("$deviceType", ({ deviceType, line, bad, words, show }) => {
  test("refuses at the commit: nothing is in force, and the next job starts outside", async () => {
    await using lab = await withLab({ platform: deviceType });
    const device = lab.device(0);
    const before = device.runningConfig();
    const session = await connect(device.port, deviceType);
    const { error, outputs } = await run(session, config(line, ...bad), {});
    expect(error).toMatchObject({ type: "ConfigError" });
    expect(String(error)).toContain(words);
    expect(outputs.map(({ ok }) => ok)).toEqual([line, ...bad].map(() => false));
    expect(device.runningConfig()).toBe(before);
    expect((await run(session, commands(show), {})).error).toBeNull();
    expect((await run(session, config(line), {})).error).toBeNull();
    expect(device.runningConfig()).toContain("here");
    await session.close();
  });

  test("drops what an aborted job typed, and lets the next one configure", async () => {
    await using lab = await withLab({ platform: deviceType });
    const device = lab.device(0);
    const before = device.runningConfig();
    const session = await connect(device.port, deviceType);
    const stop = new DeviceError("JobAborted", "the job was aborted");
    const abort = new AbortController();
    const { error } = await run(
      session,
      config(line, ...bad),
      {},
      {
        signal: abort.signal,
        onFrame: (frame) => {
          if (frame.kind === "end") abort.abort(stop);
        },
      },
    );
    expect(error).toBe(stop);
    expect(device.runningConfig()).toBe(before);
    const next = await connect(device.port, deviceType);
    expect((await run(next, config(line), {})).error).toBeNull();
    expect(device.runningConfig()).toContain("here");
    await next.close();
  });
});

test("Junos: somebody else's lock is a ConfigLocked that says whose, and over with his session", async () => {
  await using lab = await withLab({ platform: "juniper_junos" });
  const device = lab.device(0);
  const other = await lab.login();
  await other.until(/> $/);
  other.type("configure exclusive\r");
  await other.until(/# $/);
  const session = await connect(device.port, "juniper_junos");
  const locked = await run(session, config("set system domain-name a"), {});
  expect(locked.error).toMatchObject({ type: "ConfigLocked", retryable: true });
  expect(String(locked.error)).toContain("admin terminal");
  expect(locked.outputs).toEqual([]);
  other.type("exit\r");
  await other.until(/> $/);
  expect((await run(session, config("set system domain-name a"), {})).error).toBeNull();
  other.end();
  await session.close();
});

test("IOS XR: a commit that came in between stops ours", async () => {
  await using lab = await withLab({ platform: "cisco_xr" });
  const device = lab.device(0);
  const other = await lab.login();
  await other.until(/#$/);
  const session = await connect(device.port, "cisco_xr");
  other.type("configure\r");
  await other.until(/\(config\)#$/);
  other.type("snmp-server location theirs\r");
  await other.until(/\(config\)#$/);
  const signal = new AbortController().signal;
  const operation = config("domain name ours.example", "cdp");
  const running = async () => {
    for await (const { kind, index } of session.run({
      operation,
      driverArgs: {},
      signal,
      permit: ANY_LINE,
    })) {
      if (kind !== "end" || index !== 0) continue;
      other.type("commit\r");
      await other.until(/\(config\)#$/);
    }
  };
  const error = await running().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ type: "ConfigLocked", retryable: true });
  expect(device.runningConfig()).toContain("theirs");
  expect(device.runningConfig()).not.toContain("ours");
  other.end();
  await session.close();
});
