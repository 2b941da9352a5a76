import { expect, test } from "bun:test";
import { join } from "node:path";
import type { LabAlgorithms } from "../../src/lab/options.ts";
import { must, program } from "../support/process.ts";
import { commonCases } from "./netmiko-cases/common.ts";
import { otherCases } from "./netmiko-cases/others.ts";
import { withLab } from "./support/with-lab.ts";

const DEADLINE_MS = 120_000;
/** Debian's own interpreter: the one that has Debian's packages. */
const PYTHON = "/usr/bin/python3";

/** A second opinion on the lab: netmiko's own drivers take its devices for what they are. */
const cases = [...commonCases, ...otherCases];

/** Some prompts count. */
function matching(expected: string | RegExp): unknown {
  return typeof expected === "string" ? expected : expect.stringMatching(expected);
}

test.concurrent.each(cases)(
  "netmiko shows, configures and saves on %s",
  async (deviceType, steps, expected) => {
    // What netmiko has for FortiOS offers nothing newer.
    const algorithms: LabAlgorithms = { kex: ["ecdh-sha2-nistp256", "diffie-hellman-group14-sha1"] };
    await using lab = await withLab({
      platform: deviceType,
      ...(deviceType === "fortinet" ? { algorithms } : {}),
    });
    const device = lab.device(0);
    const argv = [
      join(import.meta.dir, "netmiko_platform.py"),
      String(device.port),
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
