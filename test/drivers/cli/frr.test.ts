import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { CliDriverArgs } from "../../../drivers/cli/args.ts";
import { cliDriver } from "../../../drivers/cli/index.ts";
import { DeviceError, type DeviceSession } from "../../../src/device/driver.ts";
import { type Frr, startFrr } from "../../support/frr.ts";
import { mustAsRoot } from "../../support/process.ts";
import { type Sshd, startSshd } from "../../support/sshd.ts";
import { context, run } from "../support.ts";

// Daemons and accounts take their time on a busy machine.
setDefaultTimeout(30_000);

const commands = (...lines: string[]) => ({ kind: "command" as const, commands: lines });
const config = (...lines: string[]) => ({ kind: "config" as const, lines });

describe("a real router's command line", () => {
  let frr: Frr;
  let sshd: Sshd;
  let session: DeviceSession<CliDriverArgs>;
  const connect = () =>
    cliDriver.connect(
      context({
        host: sshd.host,
        port: sshd.port,
        username: frr.account.name,
        password: frr.account.password,
        device_type: "frr",
      }),
    );
  beforeAll(async () => {
    frr = await startFrr({ hostname: "edge-1" });
    sshd = await startSshd({ accounts: [frr.account] });
    session = await connect();
  });
  afterAll(async () => {
    await session?.close();
    await sshd?.stop();
    await frr?.stop();
  });

  test("prints what the router itself prints", async () => {
    const { outputs, error } = await run(session, commands("show version", "show running-config"), {});
    expect(error).toBeNull();
    expect(outputs.map(({ ok }) => ok)).toEqual([true, true]);
    expect(outputs[0]?.stdout).toBe(await frr.vtysh("show version"));
    expect(outputs[1]?.stdout).toBe(await frr.vtysh("show running-config"));
  });

  test("uses one session for one job after another", async () => {
    for (let i = 0; i < 5; i++) {
      expect(await run(session, commands("show history"), {})).toMatchObject({ error: null });
    }
    expect(await session.health(new AbortController().signal)).toBe(true);
    expect(sshd.count("connection")).toBe(1);
  });

  test("shows what a job has changed in what the router runs", async () => {
    const before = await frr.vtysh("show running-config");
    const added = await run(session, config("ip route 198.51.100.0/24 blackhole"), { diff: true });
    expect(added.error).toBeNull();
    expect(added.outputs[1]?.stdout).toContain("\n+ip route 198.51.100.0/24 blackhole\n");
    const removed = await run(session, config("no ip route 198.51.100.0/24 blackhole"), { diff: true });
    expect(removed.outputs[1]?.stdout).toContain("\n-ip route 198.51.100.0/24 blackhole\n");
    expect(await frr.vtysh("show running-config")).toBe(before);
  });

  test("adds a route, and saves it", async () => {
    const lines = [
      "ip route 192.0.2.0/24 10.255.0.2",
      "interface eth0",
      " description to the lab, really?",
      "exit",
    ];
    expect(await run(session, config(...lines), { save: true })).toMatchObject({ error: null });
    expect(await frr.vtysh("show running-config")).toContain(" description to the lab, really?\n");
    expect(await frr.vtysh("show ip route static")).toContain("192.0.2.0/24");
    expect(await mustAsRoot(["cat", `/etc/frr/${frr.name}/frr.conf`])).toContain("ip route 192.0.2.0/24");
  });

  test("stops at the first line the router refuses, with its words, and saves nothing", async () => {
    const lines = ["ip route 198.51.100.0/24 10.255.0.2", "ip rout 1", "ip route 203.0.113.0/24 10.255.0.2"];
    const { outputs, error } = await run(session, config(...lines), { save: true });
    expect(outputs.map(({ ok }) => ok)).toEqual([true, false]);
    expect(error).toBeInstanceOf(DeviceError);
    expect(error).toMatchObject({
      type: "ConfigError",
      message: "line 2 was refused: % Unknown command: ip rout 1",
    });
    const running = await frr.vtysh("show running-config");
    expect([running.includes("198.51.100.0"), running.includes("203.0.113.0")]).toEqual([true, false]);
    expect(await mustAsRoot(["cat", `/etc/frr/${frr.name}/frr.conf`])).not.toContain("198.51.100.0");
    expect((await run(session, commands("show version"), {})).error).toBeNull();
  });

  test("refuses a command with the router's words", async () => {
    const { outputs, error } = await run(session, commands("show nothing", "show version"), {});
    expect(outputs).toHaveLength(1);
    expect(error).toMatchObject({
      type: "CommandError",
      message: '"show nothing" was refused: % Unknown command: show nothing',
    });
  });

  test("finds its way from wherever a job left the router", async () => {
    expect((await run(session, commands("configure terminal", "interface eth0"), {})).error).toBeNull();
    expect((await run(session, commands("show version"), {})).error).toBeNull();
    expect((await run(session, commands("disable"), {})).error).toBeNull();
    expect((await run(session, config("no ip route 192.0.2.0/24 10.255.0.2"), {})).error).toBeNull();
  });

  test("follows a new host name", async () => {
    const renamed = await run(session, config("hostname edge-2", "interface eth0"), {});
    expect(renamed.error).toBeNull();
    expect((await run(session, config("hostname edge-1"), {})).error).toBeNull();
  });

  test("takes a command that is longer than the terminal is wide", async () => {
    const long = `show ${"x".repeat(1500)}`;
    const { outputs, error } = await run(session, commands(long), {});
    expect(outputs[0]?.stdout).toBe(`% Unknown command: ${long}\n`);
    expect(error).toMatchObject({ type: "CommandError" });
  });

  test("ends when the router ends it", async () => {
    let closed = "";
    const other = await cliDriver.connect(
      context(
        {
          host: sshd.host,
          port: sshd.port,
          username: frr.account.name,
          password: frr.account.password,
          device_type: "frr",
        },
        {
          onClosed: (reason) => {
            closed = reason;
          },
        },
      ),
    );
    const { error } = await run(other, commands("exit"), {});
    expect(error).toMatchObject({ type: "ConnectionError" });
    expect(closed).toContain("closed the session");
  });

  test("is taken for no router when it is none", async () => {
    const attempt = cliDriver.connect(
      context({
        host: sshd.host,
        port: sshd.port,
        username: sshd.account.name,
        password: sshd.account.password,
        device_type: "frr",
        timeout: 1,
      }),
    );
    const error = await attempt.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ type: "PromptError" });
    expect(String(error)).toContain("after login for 1 s");
  });
});
