import { expect, test } from "bun:test";
import { join } from "node:path";
import { must, program } from "../support/process.ts";
import { withLab } from "./support/with-lab.ts";

const DEADLINE_MS = 90_000;
/** Debian's own interpreter: the one that has Debian's packages. */
const PYTHON = "/usr/bin/python3";

async function useNetmiko(port: number): Promise<Record<string, unknown>> {
  const script = join(import.meta.dir, "netmiko_session.py");
  const stdout = await must([program(PYTHON, "python3-netmiko"), script, "127.0.0.1", String(port)], {
    deadline: DEADLINE_MS,
  });
  return JSON.parse(stdout);
}

test.concurrent.each([
  ["as it comes", { chunkSize: 0, latencyMs: 0 }],
  ["byte by byte and a little late", { chunkSize: 1, latencyMs: 10 }],
])(
  "netmiko shows, configures and saves on a router whose output arrives %s",
  async (_how, options) => {
    await using lab = await withLab(options);
    const seen = await useNetmiko(lab.addresses[0]?.port ?? 0);
    expect(seen).toMatchObject({
      wrong_password: "refused",
      login_prompt: "lab-1>",
      enabled_prompt: "lab-1#",
      renamed_prompt: "renamed-by-netmiko#",
      paged_is_whole: true,
      section: "interface Loopback77\n description set by netmiko\n ip address 192.0.2.77 255.255.255.255",
    });
    expect(seen.version).toStartWith("Cisco IOS Software, C2900 Software");
    expect(seen.version).toEndWith("Configuration register is 0x2102\n");
    expect(seen.refused).toMatch(/\^\n% Invalid input detected at '\^' marker\./);
    expect(seen.config).toContain("lab-1(config-if)#description set by netmiko\n");
    expect(seen.save).toContain("[OK]");
    expect(seen.pages).toBeGreaterThan(3);
    const device = lab.device(0);
    expect(device.hostname()).toBe("renamed-by-netmiko");
    expect(device.startupConfig()).toContain("\ninterface Loopback77\n description set by netmiko\n");
    expect(device.counts()).toMatchObject({ logins: 1, refusedLogins: 1 });
  },
  DEADLINE_MS,
);
