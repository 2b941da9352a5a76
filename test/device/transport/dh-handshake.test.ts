import { describe, expect, test } from "bun:test";
import { fileURLToPath } from "node:url";
import { must } from "../../support/process.ts";
import { startSshd } from "../../support/sshd.ts";
import type { Report } from "../support/handshakes.ts";

/**
 * The budget is 20 ms. This is what collecting garbage and a loaded machine's caches may add to it, and far below what the
 * native constructors take: 460 ms for group14, 3.5 s for group16.
 */
const LIMIT_MS = 150;

const script = fileURLToPath(new URL("../support/handshakes.ts", import.meta.url));

async function measure(how: "ours" | "plain", kex: string, sessions: number): Promise<Report> {
  await using sshd = await startSshd({ kex: [kex] });
  const { name: username, password } = sshd.account;
  const legacy = /group1-|group-exchange-sha1|group18/.test(kex);
  const target = { port: sshd.port, username, password, kex, legacy, sessions };
  return JSON.parse(
    await must([process.execPath, script, how, JSON.stringify(target)], { deadline: 60_000 }),
  );
}

test("ssh2 that was loaded too early is noticed", async () => {
  const loader = fileURLToPath(new URL("../../../src/device/transport/ssh2.ts", import.meta.url));
  const script = (before: string) => `${before}
    const { loadSsh2 } = await import(${JSON.stringify(loader)});
    console.log(await loadSsh2().then(() => "loaded", ({ message }) => message));`;
  const said = (before: string) => must([process.execPath, "-e", script(before)]);
  expect(await said("")).toBe("loaded\n");
  expect(await said('await import("ssh2");')).toStartWith("ssh2 was loaded before");
});

describe("sessions opened to a real OpenSSH server", () => {
  test.each([
    "diffie-hellman-group14-sha256",
    "diffie-hellman-group14-sha1",
    "diffie-hellman-group16-sha512",
    "diffie-hellman-group-exchange-sha256",
    "diffie-hellman-group-exchange-sha1",
    "diffie-hellman-group1-sha1",
    "diffie-hellman-group18-sha512",
    "curve25519-sha256",
  ])(
    "with %s do not hold the event loop, and never call the native constructors",
    async (kex) => {
      const report = await measure("ours", kex, 5);
      expect(report).toMatchObject({ sessions: 5, nativeCalls: [] });
      expect(report.longestMs).toBeLessThan(LIMIT_MS);
    },
    60_000,
  );

  test("with ssh2 as it comes would: the measurement sees it", async () => {
    const report = await measure("plain", "diffie-hellman-group14-sha256", 1);
    expect(report.nativeCalls).toContain("createDiffieHellmanGroup");
    expect(report.longestMs).toBeGreaterThan(LIMIT_MS);
  }, 60_000);
});
