import { expect, test } from "bun:test";
import type { CliDriverArgs } from "../../../drivers/cli/args.ts";
import { cliDriver } from "../../../drivers/cli/index.ts";
import { isTelnet, platformOf, platforms } from "../../../drivers/cli/platforms/index.ts";
import { systemClock } from "../../../src/core/clock.ts";
import type { DeviceSession } from "../../../src/device/driver.ts";
import { PLATFORM_NAMES } from "../../../src/lab/platforms/index.ts";
import { withLab } from "../../lab/support/with-lab.ts";
import { context, run } from "../support.ts";
import { iosLike } from "./sessions/ios-like.ts";
import { others } from "./sessions/others.ts";
import { withCandidate } from "./sessions/with-candidate.ts";

const sessions = [...iosLike, ...withCandidate, ...others];

test("every platform is played by the lab, and has its session here", () => {
  // The lab has no device of which nothing is known.
  const names = platforms.map(({ deviceType }) => deviceType).filter((name) => name !== "generic");
  expect(sessions.map(({ deviceType }) => deviceType).sort()).toEqual([...names].sort());
  expect([...PLATFORM_NAMES].sort()).toEqual([...names].sort());
});

/** Devices print the time, and what they print is compared. */
const sameTime = { ...systemClock, now: () => Date.UTC(2021, 4, 28, 23, 21, 34) };

const commands = (...lines: string[]) => ({ kind: "command" as const, commands: lines });
const config = (...lines: string[]) => ({ kind: "config" as const, lines });

async function connect(
  port: number,
  deviceType: string,
  secret?: string,
): Promise<DeviceSession<CliDriverArgs>> {
  const args = { host: "127.0.0.1", port, username: "admin", password: "admin", device_type: deviceType };
  return await cliDriver.connect(context(secret === undefined ? args : { ...args, secret }));
}

const cases = sessions.flatMap((each) =>
  [each.deviceType, ...(platformOf(each.deviceType)?.telnet ?? [])].flatMap((type) =>
    [0, 1].map((chunkSize) => [type, chunkSize, each] as const),
  ),
);

test("what netmiko reaches over Telnet is among them", () => {
  const types = cases.map(([type]) => type).filter((type) => isTelnet(type));
  expect([...new Set(types)].sort()).toEqual([
    "arista_eos_telnet",
    "aruba_procurve_telnet",
    "cisco_ios_telnet",
    "cisco_nxos_telnet",
    "cisco_xr_telnet",
    "extreme_exos_telnet",
    "extreme_telnet",
    "hp_comware_telnet",
    "hp_procurve_telnet",
    "huawei_telnet",
    "juniper_junos_telnet",
    "nokia_sros_telnet",
    "paloalto_panos_telnet",
  ]);
});

test.each(cases)(
  "%s, written %d bytes at a time",
  async (
    deviceType,
    chunkSize,
    { needsEnable, show, paging, config: lines, shown, refused, rename, ...each },
  ) => {
    await using lab = await withLab({ platform: each.deviceType, chunkSize, clock: sameTime, telnetPort: 0 });
    const device = lab.device(0);
    const port = isTelnet(deviceType) ? (device.telnetPort ?? 0) : device.port;
    const platform = platformOf(deviceType);
    const { name } = device;
    const saves = platform?.save !== null;
    const drops = (platform?.candidate ?? null) !== null || refused.dropped === true;

    if (needsEnable !== null) {
      const user = await connect(port, deviceType);
      expect((await run(user, commands(needsEnable), {})).error).toMatchObject({ type: "CommandError" });
      await user.close();
      const wrong = await connect(port, deviceType, "not-admin");
      const { error } = await run(wrong, commands("show clock"), {});
      expect(error).toMatchObject({ type: "AuthenticationError", retryable: false });
      wrong.destroy();
    }
    const session = await connect(port, deviceType, "admin");

    const version = await run(session, commands(show[0]), {});
    expect(version.error).toBeNull();
    expect(version.outputs[0]?.stdout).toMatch(show[1]);

    if (paging !== null) {
      const whole = await run(session, commands(paging[1]), {});
      const paged = await run(session, commands(...paging), {});
      expect([whole.error, paged.error]).toEqual([null, null]);
      expect(paged.outputs[1]?.stdout.split("\n").length).toBeGreaterThan(30);
      expect(paged.outputs[1]?.stdout).toBe(whole.outputs[0]?.stdout ?? "");
      expect(whole.outputs[0]?.stdout).toContain(device.runningConfig().trim());
    }

    if (platform?.rehearsal || platform?.candidate?.diff) {
      const before = device.runningConfig();
      const tried = await run(session, config(...lines), { dry_run: true });
      expect(tried.error).toBeNull();
      expect(tried.outputs).toHaveLength(lines.length + 1);
      expect(tried.outputs.at(-1)?.stdout).not.toBe("");
      expect(device.runningConfig()).toBe(before);
    }

    const applied = await run(session, config(...lines), { save: true });
    expect(applied.error).toBeNull();
    expect(applied.outputs.map(({ ok }) => ok)).toEqual(lines.map(() => true));
    expect(device.runningConfig()).toContain(shown);
    if (saves) expect(device.startupConfig()).toContain(shown);

    const no = await run(session, config(...refused.lines), { save: true });
    expect(no.outputs.map(({ ok }) => ok)).toEqual([!drops, false]);
    expect(no.error).toMatchObject({ type: "ConfigError" });
    expect(String(no.error)).toContain(`line 2 was refused: ${refused.words}`);
    const typed = device.log().map(({ text }) => text);
    expect(typed).not.toContain(refused.lines[2]);
    // What is in force at once stays; a candidate goes as a whole.
    expect(device.runningConfig().includes(refused.first)).toBe(!drops);
    expect(device.startupConfig()).not.toContain(refused.first);

    expect((await run(session, config(...[rename].flat()), {})).error).toBeNull();
    expect(device.hostname()).not.toBe(name);
    expect((await run(session, commands(show[0]), {})).error).toBeNull();
    await session.close();
  },
  30_000,
);
