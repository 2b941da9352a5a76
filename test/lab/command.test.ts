import { describe, expect, test } from "bun:test";
import { resolve } from "node:path";
import { runLab } from "../../src/lab/command.ts";
import { FAULT_NAMES } from "../../src/lab/fault.ts";
import { PLATFORM_NAMES } from "../../src/lab/platforms/index.ts";
import { isAlive, startChild } from "../support/process.ts";
import { tempDir } from "../support/tempdir.ts";
import { CliClient } from "./support/cli-client.ts";
import { freePortRun } from "./support/port-run.ts";
import { withLab } from "./support/with-lab.ts";

const DOCS = resolve(import.meta.dir, "../../docs/lab.md");
const MAIN = resolve(import.meta.dir, "../../src/main.ts");

function lab(...args: string[]) {
  return startChild([process.execPath, "--no-env-file", MAIN, "lab", ...args]);
}

async function inProcess(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ["", ""];
  const io = {
    out(text: string) {
      out += text;
    },
    err(text: string) {
      err += text;
    },
  };
  return { code: await runLab(args, io), out, err };
}

describe("netpulse lab", () => {
  test("prints one line a device once they can be logged in to, and ends at SIGTERM", async () => {
    const first = await freePortRun(2);
    await using child = lab("--devices", "2", "--port", String(first), "--platform", "frr");
    await child.waitFor(/lab-2\n/);
    expect(child.stdout()).toBe(
      "lab ready: 2 frr devices, user/password/enable admin\n" +
        `127.0.0.1:${first} lab-1\n127.0.0.1:${first + 1} lab-2\n`,
    );
    const client = await CliClient.open({ host: "127.0.0.1", port: first + 1, name: "lab-2" });
    await client.until(/lab-2# $/);
    child.kill("SIGTERM");
    expect(await child.exited).toEqual({ code: 0, signal: null });
    await client.closed();
  });

  test("--telnet listens for Telnet, too, and says where", async () => {
    const [first, telnet] = [await freePortRun(1), await freePortRun(1)];
    await using child = lab("--port", String(first), "--telnet", String(telnet));
    await child.waitFor(/Telnet on \d+\)\n/);
    expect(child.stdout()).toEndWith(`127.0.0.1:${first} lab-1 (Telnet on ${telnet})\n`);
    const asked = Promise.withResolvers<void>();
    const socket = await Bun.connect({
      hostname: "127.0.0.1",
      port: telnet,
      socket: { data: (_socket, bytes) => void (bytes.includes("Username:") && asked.resolve()) },
    });
    await asked.promise;
    socket.end();
    child.kill("SIGTERM");
    expect(await child.exited).toEqual({ code: 0, signal: null });
  });

  test("ports of SSH and Telnet that overlap are refused", async () => {
    const { code, err } = await inProcess("--devices", "10", "--port", "2201", "--telnet", "2205");
    expect({ code, err }).toEqual({
      code: 2,
      err: "netpulse lab: the ports of SSH from 2201 and of Telnet from 2205 overlap\n",
    });
  });

  test("--json prints one line for programs", async () => {
    using folder = tempDir("lab");
    await using child = lab("--port", "0", "--json", "--host-key", folder.file("key"));
    const [line] = await child.waitFor(/^\{.*\}\n/m);
    const said = JSON.parse(line);
    expect(said).toEqual({
      lab: "ready",
      platform: "cisco_ios",
      fingerprint: expect.stringMatching(/^SHA256:[\w+/]{43}$/),
      devices: [{ host: "127.0.0.1", port: expect.any(Number), name: "lab-1" }],
    });
    child.kill("SIGINT");
    expect(await child.exited).toEqual({ code: 0, signal: null });
  });

  test("--until-stdin-closes ends it with its parent", async () => {
    await using child = lab("--port", "0", "--until-stdin-closes");
    await child.waitFor(/lab-1\n/);
    expect(isAlive(child.pid)).toBe(true);
    child.closeStdin();
    expect(await child.exited).toEqual({ code: 0, signal: null });
  });

  test("a port in use is one line and exit code 2", async () => {
    await using other = await withLab();
    const port = other.addresses[0]?.port ?? 0;
    const { code, out, err } = await inProcess("--port", String(port));
    expect({ code, out, err }).toEqual({
      code: 2,
      out: "",
      err: `netpulse lab: 127.0.0.1:${port} is in use; choose another port with --port\n`,
    });
  });

  test("listening beyond this machine is warned about", async () => {
    await using child = lab("--port", "0", "--host", "0.0.0.0");
    await child.waitFor(/lab-1\n/);
    expect(child.output()).toContain(
      "warning: the lab listens on 0.0.0.0; whoever reaches it can log in as admin with password admin\n",
    );
  });

  test("--help says what it is, every option, and examples", async () => {
    const { code, out } = await inProcess("--help");
    expect(code).toBe(0);
    for (const part of [
      "Simulated network devices",
      "--latency <ms>",
      "--until-stdin-closes",
      "ssh -p 2201 admin@",
    ]) {
      expect(out).toContain(part);
    }
  });

  test("--fault makes all devices misbehave, or the one that is named", async () => {
    const first = await freePortRun(2);
    const port = ["--port", String(first)];
    await using child = lab("--devices", "2", ...port, "--fault", "drop-prompt", "--fault", "2=garble");
    await child.waitFor(/lab-2\n/);
    const one = await CliClient.open({ host: "127.0.0.1", port: first, name: "lab-1" });
    await one.closed();
    expect(one.rest()).toBe("");
    const two = await CliClient.open({ host: "127.0.0.1", port: first + 1, name: "lab-2" });
    await two.until(/lab-2>$/);
  });

  test("--help and the documentation name every fault", async () => {
    const { out } = await inProcess("--help");
    const docs = await Bun.file(DOCS).text();
    for (const name of FAULT_NAMES) {
      expect(out).toContain(`  ${name} `);
      expect(docs).toContain(`\`${name}\``);
    }
  });

  test.each([
    [["--fault", "stall-nothing"], "Faults are none, stall-connect, "],
    [["--fault", "2=flood"], "the number of a device with a fault must be a whole number from 1 to 1, not 2"],
    [["--fault", "stall-connect", "--host", "::1", "--port", "0"], "needs an IPv4 address, not ::1"],
    [["--devices", "none"], "A whole number from 1 to 65535 is needed."],
    [["--platform", "cisco_oss"], "Did you mean cisco_ios?"],
    [["--platform", "nonsense"], `Allowed choices are ${PLATFORM_NAMES.join(", ")}.`],
    [["--nonsense"], "unknown option '--nonsense'"],
    [["surplus"], "too many arguments"],
    [["--devices", "2", "--port", "65535"], "2 devices from port 65535 need ports up to 65536"],
  ])("refuses %p with exit code 2", async (args, message) => {
    const { code, out, err } = await inProcess(...args);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toContain(message);
  });
});
