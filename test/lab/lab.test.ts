import { describe, expect, test } from "bun:test";
import { statSync, writeFileSync } from "node:fs";
import { connect as connectTcp, createServer } from "node:net";
import type { KeyboardInteractiveAuthMethod } from "ssh2";
import { StartupError } from "../../src/core/errors.ts";
import type { LabEvent, LabOptions } from "../../src/lab/lab.ts";
import { PLATFORM_NAMES } from "../../src/lab/platforms/index.ts";
import { FakeClock } from "../support/clock.ts";
import { ssh } from "../support/ssh-client.ts";
import { tempDir } from "../support/tempdir.ts";
import { CliClient, connect } from "./support/cli-client.ts";
import { freePortRun } from "./support/port-run.ts";
import { withLab } from "./support/with-lab.ts";

describe("starting", () => {
  test("takes ports one after another from the first, and names devices by number", async () => {
    const port = await freePortRun(3);
    await using lab = await withLab({ devices: 3, port, hostname: "edge-{n}" });
    expect(lab.addresses).toEqual([
      { host: "127.0.0.1", port, name: "edge-1" },
      { host: "127.0.0.1", port: port + 1, name: "edge-2" },
      { host: "127.0.0.1", port: port + 2, name: "edge-3" },
    ]);
  });

  test("a port in use is one clear line, and nothing stays open", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const address = other.address();
    const port = typeof address === "object" && address ? address.port : 0;
    await expect(withLab({ port })).rejects.toThrow(
      new StartupError(`127.0.0.1:${port} is in use; choose another port with --port`),
    );
    other.close();
  });

  test.each<[string, Partial<LabOptions>]>([
    [`no platform nonsense in the lab; there are ${PLATFORM_NAMES.join(", ")}`, { platform: "nonsense" }],
    ["lab: devices must be a whole number from 1 to 65535, not 0", { devices: 0 }],
    ["3 devices from port 65534 need ports up to 65536", { devices: 3, port: 65_534 }],
  ])("refuses: %s", async (message, options) => {
    await expect(withLab(options)).rejects.toThrow(new StartupError(message));
  });

  test("the host key is kept in a file of mode 0600 and stays the same over restarts", async () => {
    using folder = tempDir("lab");
    const hostKeyFile = folder.file("deeper/host_key");
    const [one, two] = await Promise.all([withLab({ hostKeyFile }), withLab({ hostKeyFile })]);
    expect(statSync(hostKeyFile).mode & 0o777).toBe(0o600);
    expect(one.fingerprint).toBe(two.fingerprint);
    await Promise.all([one.stop(), two.stop()]);
    await using again = await withLab({ hostKeyFile });
    await using other = await withLab();
    expect(again.fingerprint).toBe(one.fingerprint);
    expect(other.fingerprint).not.toBe(one.fingerprint);
  });

  test("a host key file with something else in it is refused by name", async () => {
    using folder = tempDir("lab");
    const hostKeyFile = folder.file("host_key");
    writeFileSync(hostKeyFile, "not a key");
    await expect(withLab({ hostKeyFile })).rejects.toThrow(`${hostKeyFile} holds no private SSH key`);
  });
});

describe("stopping", () => {
  test("ends every session, leaves nothing listening and no timer, and may be repeated", async () => {
    const clock = new FakeClock();
    const lab = await withLab({ clock });
    const busy = await lab.login();
    await busy.until(/>$/);
    busy.type("test tail\r");
    await busy.until(/line 1 of/);
    expect(clock.timers).toBe(1);
    await lab.stop();
    await busy.closed();
    expect(clock.timers).toBe(0);
    const [address] = lab.addresses;
    const refused = new Promise((resolve) => {
      connectTcp(address?.port ?? 0, "127.0.0.1").on("error", (error) => resolve(error.message));
    });
    expect(await refused).toContain("ECONNREFUSED");
    await lab.stop();
  });
});

describe("many devices", () => {
  test("fifty serve at once, each by its own name, over one host key", async () => {
    await using lab = await withLab({ devices: 50 });
    expect(new Set(lab.addresses.map(({ port }) => port)).size).toBe(50);
    const clients = await Promise.all(lab.addresses.map((_, device) => lab.login({}, device)));
    const prompts = await Promise.all(clients.map((client) => client.until(/>$/)));
    expect(prompts.map((text) => text.split("\n").at(-1))).toEqual(
      lab.addresses.map(({ name }) => `${name}>`),
    );
    const serials = await Promise.all(clients.map((client) => client.run("show version | include board ID")));
    expect(new Set(serials).size).toBe(50);
  });

  test("are independent of each other", async () => {
    await using lab = await withLab({ devices: 2 });
    lab.device(0).setFault("stall-banner");
    const client = await lab.login({}, 1);
    await client.until(/lab-2>$/);
    expect(lab.device(1).counts()).toEqual({
      connections: 1,
      logins: 1,
      refusedLogins: 0,
      open: 1,
      lines: 0,
    });
    expect(lab.device(0).counts().connections).toBe(0);
    expect(() => lab.device(2)).toThrow("no device 2: the lab has 2, counted from 0");
  });
});

describe("logging in", () => {
  test("a wrong password is refused, the third ends the connection", async () => {
    const events: string[] = [];
    await using lab = await withLab({ onEvent: (event) => events.push(event.type) });
    const [address] = lab.addresses;
    if (!address) throw new Error("no device");
    const wrong = { type: "password", username: "admin", password: "wrong" } as const;
    const authHandler = [wrong, wrong, wrong, wrong, wrong];
    await expect(connect(address, { connect: { authHandler } })).rejects.toThrow("closed the connection");
    expect(lab.device(0).counts()).toMatchObject({ logins: 0, refusedLogins: 3 });
    expect(events.slice(0, 4)).toEqual(["connected", "login-refused", "login-refused", "login-refused"]);
  });

  test("works with keyboard-interactive", async () => {
    await using lab = await withLab();
    const [address] = lab.addresses;
    if (!address) throw new Error("no device");
    const keyboard = {
      type: "keyboard-interactive",
      username: "admin",
      prompt: (_name, _instructions, _language, prompts, finish) =>
        finish(prompts.map(({ prompt, echo }) => (prompt === "Password: " && echo === false ? "admin" : ""))),
    } satisfies KeyboardInteractiveAuthMethod;
    const client = await CliClient.open(address, { connect: { authHandler: [keyboard] } });
    await client.until(/lab-1>$/);
  });

  test.each(["diffie-hellman-group14-sha256", "ecdh-sha2-nistp256", "curve25519-sha256"] as const)(
    "offers only %s when told so",
    async (kex) => {
      await using lab = await withLab({ algorithms: { kex: [kex] } });
      const client = await lab.login();
      await client.until(/lab-1>$/);
      const [address] = lab.addresses;
      const others = { algorithms: { kex: ["diffie-hellman-group16-sha512" as const] } };
      if (!address) throw new Error("no device");
      await expect(connect(address, { connect: others })).rejects.toThrow("no matching key exchange");
    },
  );

  test("beyond the last terminal line the connection is closed; one that leaves makes room", async () => {
    const closed: number[] = [];
    const onEvent = (event: LabEvent) => {
      if (event.type === "closed") closed.push(event.session);
    };
    await using lab = await withLab({ lines: 2, onEvent });
    const [one] = await Promise.all([lab.login(), lab.login()]);
    await expect(lab.login()).rejects.toThrow();
    expect(lab.device(0).counts()).toMatchObject({ connections: 3, logins: 2, open: 2 });
    await one.until(/>$/);
    one.type("exit\r");
    await one.closed();
    while (!closed.includes(1)) await new Promise((resolve) => setImmediate(resolve));
    const again = await lab.login();
    await again.until(/>$/);
  });
});

test("whoever watches hears when a device is done with a line, and never of one in which it stalls", async () => {
  const events: string[] = [];
  const onEvent = (event: LabEvent) => {
    if (event.type === "line") events.push(event.text);
    if (event.type === "answered" || event.type === "closed") events.push(event.type);
  };
  await using lab = await withLab({ privilege: 15, onEvent });
  const client = await lab.login();
  await client.until(/#$/);
  await client.run("show clock");
  await lab.device(0).setFault("stall-output");
  client.type("show version\r");
  while (!events.includes("show version")) await new Promise((resolve) => setImmediate(resolve));
  lab.device(0).dropConnections();
  while (!events.includes("closed")) await new Promise((resolve) => setImmediate(resolve));
  expect(events).toEqual(["show clock", "answered", "show version", "closed"]);
});

describe("output", () => {
  test("comes in pieces of the chunk size", async () => {
    await using lab = await withLab({ chunkSize: 1 });
    const client = await lab.login();
    await client.enable();
    // At this size "Device#" of the output would pass for a prompt.
    expect(await client.run("show version", /lab-1#$/)).toContain("Configuration register is 0x2102");
    expect(Math.max(...client.pieces)).toBe(1);
  });

  test("a larger chunk size cuts only what is longer", async () => {
    await using lab = await withLab();
    const client = await lab.login();
    await client.enable();
    lab.device(0).setChunkSize(100);
    client.pieces.length = 0;
    await client.run("show version", /lab-1#$/);
    expect(Math.max(...client.pieces)).toBe(100);
  });

  test("each answer waits for the latency, the echo does not", async () => {
    const clock = new FakeClock();
    await using lab = await withLab({ clock, latencyMs: 500 });
    const client = await lab.login();
    while (clock.timers === 0) await clock.settle();
    expect(client.rest()).toBe("");
    await clock.advance(500);
    await client.until(/lab-1>$/);
    client.type("show privilege\r");
    await client.until(/^show privilege\r\n$/);
    await clock.advance(499);
    expect(client.rest()).toBe("");
    await clock.advance(1);
    expect(await client.until(/>$/)).toBe("Current privilege level is 1\r\nlab-1>");
    lab.device(0).setLatency(0);
    expect(await client.run("show privilege")).toBe("Current privilege level is 1\n");
  });

  test("a test's own answer takes the place of the device's", async () => {
    await using lab = await withLab();
    const client = await lab.login();
    await client.enable();
    const big = "0123456789abcdef\n".repeat(200_000);
    lab.device(0).answer("show tech-support", big);
    expect(await client.run("show tech-support")).toBe(big);
    lab.device(0).answer("show tech-support", null);
    expect(await client.run("show tech-support")).toContain("% Invalid input detected");
  });

  test("every line received is in the log with time, session and prompt", async () => {
    const clock = new FakeClock(Date.UTC(2030, 0, 1));
    await using lab = await withLab({ clock, privilege: 15 });
    const client = await lab.login();
    await client.until(/#$/);
    await client.run("show clock");
    await client.run("configure terminal");
    await client.run("hostname other");
    const at = Date.UTC(2030, 0, 1);
    expect(lab.device(0).log()).toEqual([
      { at, session: 1, text: "show clock", end: "enter", hidden: false, prompt: "lab-1#" },
      { at, session: 1, text: "configure terminal", end: "enter", hidden: false, prompt: "lab-1#" },
      { at, session: 1, text: "hostname other", end: "enter", hidden: false, prompt: "lab-1(config)#" },
    ]);
    expect(lab.device(0).counts().lines).toBe(3);
    client.type("never sent\x03");
    await client.until(/#$/);
    expect(lab.device(0).log().at(-1)).toMatchObject({ text: "never sent", end: "interrupt" });
  });
});

describe("one command on its own channel", () => {
  test("arrives whole at a client whose input is at its end, as in a script", async () => {
    await using lab = await withLab({ privilege: 15 });
    const [address] = lab.addresses;
    if (!address) throw new Error("the lab has no device");
    const user = { name: "admin", password: "admin" };
    const answers = new Set<string>();
    for (let n = 0; n < 8; n++) {
      const { code, stdout } = await ssh({ host: "127.0.0.1", port: address.port }, user, [
        "show interfaces",
      ]);
      answers.add(`exit code ${code}, ${stdout.length > 5_000 ? "whole" : `${stdout.length} characters`}`);
    }
    expect([...answers]).toEqual(["exit code 0, whole"]);
  });
});

test("a pulled cable ends all sessions and no device", async () => {
  await using lab = await withLab();
  const clients = await Promise.all([lab.login(), lab.login()]);
  lab.device(0).dropConnections();
  await Promise.all(clients.map((client) => client.closed()));
  const again = await lab.login();
  await again.until(/lab-1>$/);
});
