import { expect, test } from "bun:test";
import { join } from "node:path";
import type { LabAlgorithms } from "../../src/lab/options.ts";
import { PLATFORM_NAMES } from "../../src/lab/platforms/index.ts";
import { must, program } from "../support/process.ts";
import { commonCases } from "./netmiko-cases/common.ts";
import { otherCases } from "./netmiko-cases/others.ts";
import { withLab } from "./support/with-lab.ts";

const DEADLINE_MS = 120_000;
/** Debian's own interpreter: the one that has Debian's packages. */
const PYTHON = "/usr/bin/python3";

/** A second opinion on the lab: netmiko's own drivers take its devices for what they are. */
const cases = [...commonCases, ...otherCases];
/** Those that this netmiko has for Telnet. */
const OVER_TELNET: Readonly<Record<string, string>> = {
  cisco_ios: "cisco_ios_telnet",
  cisco_xr: "cisco_xr_telnet",
  arista_eos: "arista_eos_telnet",
  juniper_junos: "juniper_junos_telnet",
  huawei: "huawei_telnet",
  hp_comware: "hp_comware_telnet",
  hp_procurve: "hp_procurve_telnet",
  paloalto_panos: "paloalto_panos_telnet",
  extreme_exos: "extreme_exos_telnet",
};
const overBoth = cases.flatMap(([platform, ...rest]) => {
  const telnet = OVER_TELNET[platform];
  return [platform, ...(telnet === undefined ? [] : [telnet])].map(
    (type) => [type, platform, ...rest] as const,
  );
});

/** Some prompts count. */
function matching(expected: string | RegExp): unknown {
  return typeof expected === "string" ? expected : expect.stringMatching(expected);
}

test("all that the installed netmiko knows of the lab's platforms are among them", async () => {
  const code = "from netmiko.ssh_dispatcher import CLASS_MAPPER; print(*CLASS_MAPPER)";
  const known = (await must([program(PYTHON, "python3-netmiko"), "-c", code])).trim().split(" ");
  const ours = PLATFORM_NAMES.flatMap((name) => [name, `${name}_telnet`]).filter((name) =>
    known.includes(name),
  );
  expect(overBoth.map(([type]) => type).toSorted()).toEqual(ours.toSorted());
});

test.concurrent.each(overBoth)(
  "netmiko shows, configures and saves on %s",
  async (deviceType, platform, steps, expected) => {
    // What netmiko has for FortiOS offers nothing newer.
    const algorithms: LabAlgorithms = { kex: ["ecdh-sha2-nistp256", "diffie-hellman-group14-sha1"] };
    await using lab = await withLab({
      platform,
      telnetPort: 0,
      ...(platform === "fortinet" ? { algorithms } : {}),
    });
    const device = lab.device(0);
    const argv = [
      join(import.meta.dir, "netmiko_platform.py"),
      String(deviceType === platform ? device.port : device.telnetPort),
      deviceType,
      JSON.stringify(steps),
    ];
    const seen = JSON.parse(
      await must([program(PYTHON, "python3-netmiko"), ...argv], { deadline: DEADLINE_MS }),
    );
    expect(seen).toMatchObject({
      prompt: matching(expected.prompt),
      left: matching(expected.left ?? expected.prompt),
      show: expect.stringContaining(expected.show),
      refused: expect.stringContaining(expected.refused),
      section: expect.stringContaining(expected.section),
    });
    expect(device.runningConfig()).toContain("set by netmiko");
    if (steps.save !== null) expect(device.startupConfig()).toContain("set by netmiko");
  },
  DEADLINE_MS,
);
