import { describe, expect, test } from "bun:test";
import { connect as connectTcp, type Socket } from "node:net";
import type { Fault } from "../../src/lab/lab.ts";
import { FakeClock } from "../support/clock.ts";
import { connect } from "./support/cli-client.ts";
import { withLab } from "./support/with-lab.ts";

/** What a device says to a bare TCP connection until it hangs up, or until `enough` of it has come. */
function overheard(port: number, enough: RegExp | null = null): Promise<{ said: string; hungUp: boolean }> {
  return new Promise((resolve, reject) => {
    let said = "";
    const socket = connectTcp(port, "127.0.0.1", () => socket.write("SSH-2.0-test\r\n"));
    const end = (hungUp: boolean) => {
      socket.destroy();
      resolve({ said, hungUp });
    };
    socket.on("data", (bytes) => {
      said += bytes.toString("latin1");
      if (enough?.test(said)) end(false);
    });
    socket.on("end", () => end(true));
    socket.on("error", reject);
  });
}

describe("a fault before the login", () => {
  test("stall-banner: TCP is accepted and nothing is said", async () => {
    await using lab = await withLab({ fault: "stall-banner" });
    const [address] = lab.addresses;
    const socket = await new Promise<Socket>((resolve) => {
      const opened = connectTcp(address?.port ?? 0, "127.0.0.1", () => resolve(opened));
    });
    let said = 0;
    socket.on("data", (bytes) => {
      said += bytes.length;
    });
    const gone = new Promise((resolve) => socket.on("close", resolve));
    socket.write("SSH-2.0-test\r\n");
    while (lab.device(0).counts().open === 0) await new Promise((resolve) => setImmediate(resolve));
    await lab.stop();
    await gone;
    expect(said).toBe(0);
  });

  test.each([
    ["stall-banner", /^$/],
    ["drop-banner", /^$/],
    ["stall-kex", /^(?:\xff[\xfb\xfd].)+\xff\xfa.\x01\xff\xf0$/],
    ["drop-kex", /^(?:\xff[\xfb\xfd].)+\xff\xfa.\x01\xff\xf0$/],
    ["stall-auth", /Username: admin\r\nPassword: \r\n$/],
    ["drop-auth", /Username: admin\r\nPassword: \r\n$/],
  ] as const)("%s over Telnet", async (fault, said) => {
    await using lab = await withLab({ fault, telnetPort: 0 });
    const { telnetPort } = lab.device(0);
    let heard = "";
    const socket = connectTcp(telnetPort ?? 0, "127.0.0.1", () => socket.write("admin\r\nadmin\r\n"));
    socket.on("data", (bytes) => {
      heard += bytes.toString("latin1");
    });
    const gone = new Promise((resolve) => socket.on("close", resolve));
    if (fault.startsWith("stall")) {
      while (lab.device(0).counts().open === 0) await new Promise((resolve) => setImmediate(resolve));
      while (!said.test(heard)) await new Promise((resolve) => setImmediate(resolve));
      await lab.stop();
    }
    await gone;
    expect(heard).toMatch(said);
    expect(lab.device(0).counts()).toMatchObject({ connections: 1, logins: 0, refusedLogins: 0 });
  });

  test("stall-auth: the handshake is done, the login is never answered", async () => {
    await using lab = await withLab({ fault: "stall-auth" });
    const [address] = lab.addresses;
    if (!address) throw new Error("no device");
    let handshakes = 0;
    const hostVerifier = () => {
      handshakes += 1;
      return true;
    };
    const login = connect(address, { connect: { hostVerifier, readyTimeout: 300 } });
    await expect(login).rejects.toThrow("Timed out while waiting for handshake");
    expect(handshakes).toBe(1);
    expect(lab.device(0).counts()).toMatchObject({ connections: 1, logins: 0, refusedLogins: 0 });
  });

  test("stall-connect: no connection comes about until it is lifted; one that is open goes on", async () => {
    await using lab = await withLab();
    const client = await lab.login();
    await client.until(/lab-1>$/);
    await lab.device(0).setFault("stall-connect");
    const port = lab.addresses[0]?.port ?? 0;
    let connected = false;
    const socket = connectTcp(port, "127.0.0.1", () => {
      connected = true;
    });
    const refused = new Promise((resolve) => socket.on("error", resolve));
    const late = lab.login({ connect: { readyTimeout: 400 } });
    await expect(late).rejects.toThrow("Timed out while waiting for handshake");
    expect(await client.run("show privilege")).toBe("Current privilege level is 1\n");
    expect({ connected, connections: lab.device(0).counts().connections }).toEqual({
      connected: false,
      connections: 1,
    });
    await lab.device(0).setFault("none");
    const again = await lab.login();
    await again.until(/lab-1>$/);
    socket.destroy();
    await Promise.race([refused, new Promise((resolve) => socket.on("close", resolve))]);
  });

  test("stall-connect from the start leaves no listener behind when the lab stops", async () => {
    const lab = await withLab({ fault: "stall-connect" });
    const port = lab.addresses[0]?.port ?? 0;
    await lab.stop();
    await using next = await withLab({ port });
    await (await next.login()).until(/lab-1>$/);
  });

  test("stall-kex: it says that it speaks SSH, and nothing after that", async () => {
    await using lab = await withLab({ fault: "stall-kex" });
    const login = lab.login({ connect: { readyTimeout: 300 } });
    await expect(login).rejects.toThrow("Timed out while waiting for handshake");
    const heard = await overheard(lab.addresses[0]?.port ?? 0, /\n/);
    expect(heard).toEqual({ said: expect.stringMatching(/^SSH-2\.0-\S+\r\n$/), hungUp: false });
  });

  test.each([
    ["drop-banner", ""],
    ["drop-kex", "SSH-2.0-"],
  ] as const)("%s: it hangs up after %p", async (fault, said) => {
    await using lab = await withLab({ fault });
    const heard = await overheard(lab.addresses[0]?.port ?? 0);
    expect(heard.hungUp).toBe(true);
    expect(heard.said.slice(0, 8)).toBe(said);
    await expect(lab.login()).rejects.toThrow();
    expect(lab.device(0).counts().logins).toBe(0);
  });

  test("drop-auth: it hangs up at the login", async () => {
    await using lab = await withLab({ fault: "drop-auth" });
    await expect(lab.login()).rejects.toThrow();
    expect(lab.device(0).counts()).toMatchObject({ logins: 0, refusedLogins: 0 });
  });
});

describe("a fault behind the login", () => {
  test("drop-output: the connection breaks in the middle of a command's output", async () => {
    await using lab = await withLab();
    const client = await lab.login();
    await client.enable();
    lab.device(0).setFault("drop-output");
    client.type("show version\r");
    await client.closed();
    expect(client.rest()).toStartWith("show version\r\nCisco IOS Software");
    expect(client.rest()).not.toContain("Configuration register");
    lab.device(0).setFault("none");
    const again = await lab.login();
    await again.until(/lab-1>$/);
  });

  test.each([
    ["stall-prompt", false],
    ["drop-prompt", true],
  ] as const)("%s: one gets in and sees nothing", async (fault, hangsUp) => {
    await using lab = await withLab({ fault });
    const client = await lab.login();
    client.type("show version\r");
    if (hangsUp) await client.closed();
    // Another one's whole visit later it is still silent.
    await lab.device(0).setFault("none");
    await (await lab.login()).until(/lab-1>$/);
    expect(client.rest()).toBe("");
    expect(lab.device(0).counts()).toMatchObject({ logins: 2, open: hangsUp ? 1 : 2 });
  });

  test("stall-output: it goes silent in the middle, whatever is typed; others are served", async () => {
    await using lab = await withLab({ fault: "stall-output" });
    const client = await lab.login();
    await client.until(/>$/);
    client.type("show version\r");
    await client.until(/Cisco IOS Software/);
    client.type("\x03\r\r");
    await lab.device(0).setFault("none");
    const other = await lab.login();
    await other.until(/>$/);
    expect(await other.run("show privilege")).toBe("Current privilege level is 1\n");
    expect(client.rest()).not.toContain("Configuration register");
    expect(client.rest()).not.toMatch(/>$/);
  });

  test.each([
    ["stall-config", false],
    ["drop-config", true],
  ] as const)("%s: at the second line of configuration, which has no effect", async (fault, hangsUp) => {
    await using lab = await withLab({ fault });
    const client = await lab.login();
    await client.enable();
    await client.run("configure terminal");
    await client.run("hostname first");
    client.type("hostname second\r");
    await client.until(/hostname second\r\n/);
    if (hangsUp) await client.closed();
    await lab.device(0).setFault("none");
    await (await lab.login()).until(/first>$/);
    expect(client.rest()).toBe("");
    expect(lab.device(0).hostname()).toBe("first");
  });

  test("flood: what a command prints comes again and again until one hangs up", async () => {
    await using lab = await withLab({ fault: "flood" });
    const client = await lab.login();
    await client.until(/>$/);
    client.type("show privilege\r");
    await client.until(/(?:Current privilege level is 1\r\n){1000}/);
    client.type("\x03");
    await client.until(/(?:Current privilege level is 1\r\n){1000}/);
    client.end();
    await client.closed();
  });

  test("trickle: one byte a second", async () => {
    const clock = new FakeClock();
    await using lab = await withLab({ clock, fault: "trickle" });
    const client = await lab.login();
    for (let byte = 0; byte < 5; byte++) {
      await client.until(/^[\s\S]$/);
      while (clock.timers === 0) await clock.settle();
      await clock.advance(1_000);
    }
    expect(new Set(client.pieces)).toEqual(new Set([1]));
  });

  test("garble: dirt in what is printed, the same for the same seed; the prompt stays clean", async () => {
    const seen = async (seed: number) => {
      await using lab = await withLab({ fault: "garble", seed });
      const client = await lab.login();
      await client.until(/lab-1>$/);
      return await client.run("show version", /\nlab-1>$/);
    };
    const [first, again, other] = [await seen(1), await seen(1), await seen(2)];
    expect(again).toBe(first);
    expect(other).not.toBe(first);
    const all = first + other;
    expect(all).toContain("\ufffd");
    expect(all).toMatch(/[\x00\x07\x08\x1b]/);
    expect(all).toMatch(/^(?:lab-1|other)(?:\(config\))?[#>]$/m);
  });
});

test("devices of one lab have faults of their own", async () => {
  const faults = new Map<number, Fault>([[1, "drop-auth"]]);
  await using lab = await withLab({ devices: 3, fault: "none", faults });
  await expect(lab.login({}, 1)).rejects.toThrow();
  for (const device of [0, 2]) await (await lab.login({}, device)).until(/>$/);
  await expect(withLab({ devices: 1, faults })).rejects.toThrow("from 1 to 1, not 2");
});
