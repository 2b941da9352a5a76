import { afterEach, describe, expect, test } from "bun:test";
import type { CliDriverArgs } from "../../../drivers/cli/args.ts";
import { cliDriver } from "../../../drivers/cli/index.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { DeviceError, type DeviceSession } from "../../../src/device/driver.ts";
import { type Lab, type LabOptions, startLab } from "../../../src/lab/lab.ts";
import { context, run } from "../support.ts";

const commands = (...lines: string[]) => ({ kind: "command" as const, commands: lines });
const config = (...lines: string[]) => ({ kind: "config" as const, lines });

let lab: Lab | undefined;
const sessions: DeviceSession<CliDriverArgs>[] = [];
afterEach(async () => {
  for (const session of sessions.splice(0)) session.destroy();
  await lab?.stop();
  lab = undefined;
});

/** A session with the first device of a lab made for the test. */
async function connect(options: Partial<LabOptions> = {}, more: Record<string, unknown> = {}) {
  lab ??= await startLab({ clock: systemClock, ...options });
  const { host, port } = lab.device(0);
  const args = {
    host,
    port,
    username: "admin",
    password: "admin",
    device_type: "cisco_ios",
    secret: "admin",
  };
  const session = await cliDriver.connect(context({ ...args, ...more }));
  sessions.push(session);
  return { session, device: lab.device(0) };
}

/** The simulated device knows nothing of the driver's patterns, nor the driver of how it is made. */
describe.each([0, 1, 7])("a simulated Cisco IOS device that writes %d bytes at a time", (chunkSize) => {
  test("shows its running configuration, whole and clean", async () => {
    const { session, device } = await connect({ chunkSize });
    const { outputs, error } = await run(session, commands("show running-config"), {});
    expect(error).toBeNull();
    expect(outputs[0]?.stdout).toContain(device.runningConfig().trim());
    expect(outputs[0]?.stdout).not.toMatch(/--More--|[\0-\x08\x0b-\x1f]|running-config\n.*#/);
  });

  test("shows the same when it pages", async () => {
    const { session, device } = await connect({ chunkSize });
    const whole = await run(session, commands("show running-config"), {});
    const paged = await run(session, commands("terminal length 10", "show running-config"), {});
    expect(paged.error).toBeNull();
    expect(device.log().length).toBeGreaterThan(0);
    expect(paged.outputs[1]?.stdout).toBe(whole.outputs[0]?.stdout ?? "");
  });

  test("takes a configuration, and saves it when asked to", async () => {
    const { session, device } = await connect({ chunkSize });
    const lines = ["interface GigabitEthernet0/1", " description uplink to core, port 7", "exit"];
    expect((await run(session, config(...lines), {})).error).toBeNull();
    expect(device.runningConfig()).toContain("description uplink to core, port 7");
    expect(device.startupConfig()).not.toContain("uplink to core");
    expect((await run(session, config("ip domain name example.net"), { save: true })).error).toBeNull();
    expect(device.startupConfig()).toContain("uplink to core");
  });

  test("refuses a line: what follows is not sent, configuration mode is left, nothing is saved", async () => {
    const { session, device } = await connect({ chunkSize });
    const { outputs, error } = await run(
      session,
      config("interface GigabitEthernet0/1", "descripton wrong", "shutdown"),
      { save: true },
    );
    expect(outputs.map(({ ok }) => ok)).toEqual([true, false]);
    expect(error).toMatchObject({ type: "ConfigError" });
    expect(String(error)).toContain("line 2 was refused: % Invalid input detected at '^' marker.");
    const typed = device.log().map(({ text }) => text);
    expect(typed.at(-1)).toBe("end");
    expect(typed).not.toContain("shutdown");
    expect(typed).not.toContain("write memory");
  });

  test("follows a new host name", async () => {
    const { session, device } = await connect({ chunkSize });
    const { error } = await run(session, config("hostname Edge-99", "interface GigabitEthernet0/1"), {});
    expect(error).toBeNull();
    expect(device.hostname()).toBe("Edge-99");
    expect((await run(session, commands("show clock"), {})).error).toBeNull();
  });
});

test("without a secret, commands run as logged in", async () => {
  const { session } = await connect({}, { secret: undefined });
  const { error } = await run(session, commands("show running-config"), {});
  expect(error).toMatchObject({ type: "CommandError" });
});

test("a wrong enable password is an AuthenticationError", async () => {
  const { session } = await connect({}, { secret: "not-admin" });
  const { error } = await run(session, commands("show clock"), {});
  expect(error).toMatchObject({ type: "AuthenticationError", retryable: false });
});

test("a login that lands privileged needs no secret", async () => {
  const { session } = await connect({ privilege: 15 }, { secret: undefined });
  expect((await run(session, config("hostname R1"), {})).error).toBeNull();
});

test("a connection that breaks in the middle of output leaves what had come", async () => {
  const { session, device } = await connect();
  device.setFault("drop-output");
  const { outputs, error } = await run(session, commands("show running-config"), {});
  expect(error).toMatchObject({ type: "ConnectionError", retryable: true });
  expect(outputs[0]?.ok).toBeNull();
});

test("an abort interrupts the device and throws the reason", async () => {
  const { session, device } = await connect();
  expect((await run(session, commands("show clock"), {})).error).toBeNull();
  device.setLatency(3_600_000);
  const stop = new DeviceError("JobAborted", "the job was aborted");
  const abort = new AbortController();
  const running = run(
    session,
    commands("show clock"),
    {},
    { signal: abort.signal, onFrame: () => abort.abort(stop) },
  );
  expect((await running).error).toBe(stop);
});

test.each([
  ["stall-banner", { banner_timeout: 0.2 }, "sent no SSH identification within 0.2 s"],
  ["stall-auth", { auth_timeout: 0.2 }, "did not finish the SSH login within 0.2 s"],
] as const)("a device that is %s ends the attempt in time", async (fault, timeouts, message) => {
  const error = await connect({ fault }, timeouts).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ type: "TimeoutError", retryable: true });
  expect(String(error)).toContain(message);
});

test("fifty devices are asked at the same time", async () => {
  lab = await startLab({ clock: systemClock, devices: 50 });
  const names = await Promise.all(
    lab.addresses.map(async ({ host, port }) => {
      const args = {
        host,
        port,
        username: "admin",
        password: "admin",
        device_type: "cisco_ios",
        secret: "admin",
      };
      const session = await cliDriver.connect(context(args));
      const { outputs, error } = await run(session, commands("show running-config | include hostname"), {});
      await session.close();
      return error ?? outputs[0]?.stdout;
    }),
  );
  expect(names).toEqual(lab.addresses.map(({ name }) => `hostname ${name}\n`));
}, 30_000);
