import { describe, expect, test } from "bun:test";
import type { CliDriverArgs } from "../../../drivers/cli/args.ts";
import { cliDriver } from "../../../drivers/cli/index.ts";
import { platforms } from "../../../drivers/cli/platforms/index.ts";
import { systemClock } from "../../../src/core/clock.ts";
import type { DeviceHandle } from "../../../src/lab/lab.ts";
import { withLab } from "../../lab/support/with-lab.ts";
import { context, type Ran, run } from "../support.ts";

const config = (...lines: string[]) => ({ kind: "config" as const, lines });

/** Lines that each platform takes, and what its configuration shows of the first. */
const LINES: Readonly<Record<string, [line: string, shown: string]>> = {
  alcatel_sros: ["system location here", "here"],
  arista_eos: ["ip name-server 192.0.2.53", "192.0.2.53"],
  aruba_aoscx: ["hostname edge-7", "edge-7"],
  cisco_asa: ["hostname edge-7", "edge-7"],
  cisco_ios: ["ip name-server 192.0.2.53", "192.0.2.53"],
  cisco_nxos: ["hostname edge-7", "edge-7"],
  cisco_xr: ["snmp-server location here", "here"],
  dell_os10: ["hostname edge-7", "edge-7"],
  extreme_exos: ["configure snmp sysLocation here", "here"],
  fortinet: ["config system global", "edge-7"],
  frr: ["hostname edge-7", "edge-7"],
  hp_comware: ["sysname edge-7", "edge-7"],
  hp_procurve: ["hostname edge-7", "edge-7"],
  huawei: ["sysname edge-7", "edge-7"],
  huawei_vrpv8: ["snmp-agent sys-info location here", "here"],
  juniper_junos: ["set system location building here", "here"],
  mikrotik_routeros: ["/system identity set name=edge-7", "edge-7"],
  nokia_sros: ["configure system location here", "here"],
  paloalto_panos: ["set deviceconfig system location here", "here"],
  ubiquiti_edgeswitch: ["hostname edge-7", "edge-7"],
  vyos: ["set system domain-name here", "here"],
};
const MORE: Readonly<Record<string, string[]>> = { fortinet: ["set hostname edge-7", "end"] };

const compared = platforms.filter(({ runningConfig }) => runningConfig !== null);
const dry = compared.filter(
  ({ candidate, rehearsal }) => rehearsal !== null || (candidate?.diff ?? null) !== null,
);
const names = (some: readonly { deviceType: string }[]) =>
  some.map(({ deviceType }) => [deviceType] as const);

/** Runs jobs on one session with a simulated device. */
async function withSession(
  deviceType: string,
  use: (
    go: (lines: string[], driverArgs: CliDriverArgs) => Promise<Ran>,
    device: DeviceHandle,
  ) => Promise<void>,
) {
  // Devices print the time, and what they print is compared.
  const clock = { ...systemClock, now: () => Date.UTC(2021, 4, 28, 23, 21, 34) };
  await using lab = await withLab({ platform: deviceType, clock });
  const device = lab.device(0);
  const args = { host: device.host, port: device.port, username: "admin", password: "admin" };
  const session = await cliDriver.connect(context({ ...args, secret: "admin", device_type: deviceType }));
  try {
    await use((lines, driverArgs) => run(session, config(...lines), driverArgs), device);
  } finally {
    session.destroy();
  }
}

const linesOf = (deviceType: string) => [LINES[deviceType]?.[0] ?? "", ...(MORE[deviceType] ?? [])];

test("every platform that shows its configuration is tried", () => {
  expect(compared.map(({ deviceType }) => deviceType).sort()).toEqual(Object.keys(LINES).sort());
  expect(dry.map(({ deviceType }) => deviceType)).toContain("arista_eos");
  expect(dry.length).toBeGreaterThanOrEqual(7);
});

describe("diff", () => {
  test.each(names(compared))("%s shows what a job has changed, and nothing else", async (deviceType) => {
    await withSession(deviceType, async (go) => {
      const lines = linesOf(deviceType);
      const [, shown = ""] = LINES[deviceType] ?? [];
      const { outputs, error } = await go(lines, { diff: true });
      expect(error).toBeNull();
      expect(outputs).toHaveLength(lines.length + 1);
      const changed = (outputs.at(-1)?.stdout ?? "").split("\n").filter((line) => /^[-+].*\w/.test(line));
      expect(changed.filter((line) => line.startsWith("+") && line.includes(shown))).toHaveLength(1);
      expect(changed.length).toBeLessThanOrEqual(2);
      const again = await go(lines, { diff: true });
      expect(again.error).toBeNull();
      expect(again.outputs.at(-1)).toMatchObject({ stdout: "", ok: true });
    });
  });

  test("shows what was left in force by a job that was refused a line", async () => {
    await withSession("cisco_ios", async (go) => {
      const { outputs, error } = await go(["ip name-server 192.0.2.53", "nonsense", "shutdown"], {
        diff: true,
      });
      expect(error).toMatchObject({
        type: "ConfigError",
        message: expect.stringContaining("line 2 was refused"),
      });
      expect(Object.values(outputs).map(({ ok }) => ok)).toEqual([true, false, true]);
      expect(outputs[3]?.stdout).toContain("+ip name-server 192.0.2.53\n");
    });
  });

  test("is followed by save", async () => {
    await withSession("cisco_ios", async (go, device) => {
      const { error } = await go(["ip name-server 192.0.2.53"], { diff: true, save: true });
      expect(error).toBeNull();
      expect(device.startupConfig()).toContain("192.0.2.53");
    });
  });
});

describe("dry_run", () => {
  test.each(names(dry))("%s shows what would change, and changes nothing", async (deviceType) => {
    await withSession(deviceType, async (go, device) => {
      const lines = linesOf(deviceType);
      const [, shown = ""] = LINES[deviceType] ?? [];
      const before = device.runningConfig();
      const { outputs, error } = await go(lines, { dry_run: true });
      expect(error).toBeNull();
      expect(outputs).toHaveLength(lines.length + 1);
      expect(outputs.at(-1)?.stdout).toContain(shown);
      expect(outputs.at(-1)?.ok).toBe(true);
      expect(device.runningConfig()).toBe(before);
      expect(device.log().filter(({ text }) => text.startsWith("commit"))).toEqual([]);

      // The next job finds a candidate of its own, and the session as it should be.
      const applied = await go(lines, { diff: true });
      expect(applied.error).toBeNull();
      expect(applied.outputs.at(-1)?.stdout).toContain(shown);
    });
  });

  test("a line that is refused ends it, and nothing is left in the candidate", async () => {
    await withSession("juniper_junos", async (go, device) => {
      const { outputs, error } = await go(["set system location building here", "set nonsense"], {
        dry_run: true,
      });
      expect(error).toMatchObject({
        type: "ConfigError",
        message: expect.stringContaining("nothing was committed"),
      });
      expect(outputs.map(({ ok }) => ok)).toEqual([false, false]);
      const { outputs: after } = await go(["set system services ssh"], { dry_run: true });
      expect(after.at(-1)?.stdout).not.toContain("here");
      expect(device.runningConfig()).not.toContain("here");
    });
  });
});

describe("what cannot be shown is refused", () => {
  const check = (deviceType: string, driverArgs: object, lines = ["x"]) =>
    cliDriver
      .check({
        connectionArgs: { host: "192.0.2.1", username: "u", password: "p", device_type: deviceType },
        driverArgs,
        operation: config(...lines),
      })
      .map(({ loc, msg }) => `${loc.join(".")} ${msg}`);

  test.each(
    names(
      platforms.filter(
        ({ candidate, rehearsal, configMode }) =>
          candidate === null && rehearsal === null && configMode !== null,
      ),
    ),
  )("%s has no dry run", (deviceType) => {
    expect(check(deviceType, { dry_run: true })).toEqual([
      expect.stringContaining("puts each line into force as it is typed; diff shows what has changed then"),
    ]);
    expect(check(deviceType, { dry_run: false })).toEqual([]);
  });

  test.each([
    ["linux", { diff: true }, "driver_args.diff Linux"],
    [
      "cisco_ios",
      { diff: true, exit_config_mode: false },
      "driver_args.diff does not go with exit_config_mode",
    ],
    [
      "juniper_junos",
      { dry_run: true, commit_confirm: 60 },
      "driver_args.commit_confirm does not go with dry_run",
    ],
    ["juniper_junos", { dry_run: true, save: true }, "driver_args.save does not go with dry_run"],
    ["juniper_junos", { dry_run: true, diff: true }, "driver_args.diff does not go with dry_run"],
    ["autodetect", { dry_run: true }, "driver_args.dry_run needs a device_type"],
    ["autodetect", { diff: true }, "driver_args.diff needs a device_type"],
  ])("%s %j", (deviceType, driverArgs, message) => {
    expect(check(deviceType, driverArgs)).toEqual([expect.stringContaining(message)]);
  });

  test.each(["commit", " commit confirmed 5", "comm", "top commit", "com | tee"])(
    "a line %j in a dry run",
    (line) => {
      expect(check("juniper_junos", { dry_run: true }, ["set system location x", line])).toEqual([
        "config.1 commits, which a dry run must not",
      ]);
    },
  );

  test("but not one that only begins like it", () => {
    expect(check("vyos", { dry_run: true }, ["comment system here", "compare"])).toEqual([]);
  });
});
