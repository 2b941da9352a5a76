import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { PYTHON } from "../contract/python.ts";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { must } from "../support/process.ts";
import { Api, failure, resultOf } from "./support/api.ts";
import { type Device, startDevice } from "./support/device.ts";
import { on } from "./support/held-job.ts";

setDefaultTimeout(30_000);

let netpulse: Netpulse;
let api: Api;
beforeAll(async () => {
  netpulse = await startNetpulse();
  api = new Api(netpulse);
});
afterAll(async () => {
  await netpulse?.stop();
});

const ASK_DEVICE = join(import.meta.dir, "../contract/ask-device.py");

/** What the device says to an SSH client that is not ours. */
async function askedOtherwise({ handle }: Device, command: string): Promise<string> {
  const said = await must([PYTHON, "-I", "-B", ASK_DEVICE, String(handle.port), command], { env: {} });
  return said.replaceAll("\r", "").trim();
}

describe("a simulated switch", () => {
  let device: Device;
  beforeAll(async () => {
    device = await startDevice({ host: "127.0.0.1" });
  });
  afterAll(async () => {
    await device?.stop();
  });

  test("is enabled with the secret and shows its running config", async () => {
    const job = await api.run(on(device, { command: "show running-config" }));
    expect(job.status).toBe("finished");
    expect(resultOf(job).retval).toContain(`hostname ${device.handle.hostname()}`);
    expect(`${resultOf(job).retval}`.trimEnd()).toEndWith("end");
  });

  test("refuses the same to who is not enabled", async () => {
    await using other = await startDevice();
    const connection_args = other.args({ secret: undefined });
    const job = await api.run(on(other, { connection_args, command: "show running-config" }));
    expect(failure(job)).toEqual({ status: "failed", type: "failed", error: "CommandError" });
    expect(resultOf(job).error?.message).toContain("% Invalid input detected");
  });

  test("does not let in with a wrong enable secret, and no command is sent then", async () => {
    await using other = await startDevice();
    const connection_args = other.args({ secret: "not-the-secret" });
    const job = await api.run(on(other, { connection_args, command: "show clock" }));
    expect(failure(job)).toEqual({ status: "failed", type: "failed", error: "AuthenticationError" });
    expect(other.count("show clock")).toBe(0);
  });

  test("prints more than a screen, all of which arrives", async () => {
    const whole = await askedOtherwise(device, "show interfaces");
    expect(whole.split("\n").length).toBeGreaterThan(100);
    const { retval } = resultOf(await api.run(on(device, { command: "show interfaces" })));
    expect(withoutCounters(`${retval}`)).toEqual(withoutCounters(whole));
  });

  test("all of it arrives also page by page, where paging cannot be turned off", async () => {
    await using other = await startDevice({ host: "127.0.0.1" });
    other.handle.answer("terminal length 0", "% Invalid input detected at '^' marker.");
    const { retval } = resultOf(await api.run(on(other, { command: "show interfaces" })));
    expect(`${retval}`).not.toContain("--More--");
    expect(withoutCounters(`${retval}`)).toEqual(
      withoutCounters(await askedOtherwise(other, "show interfaces")),
    );
  });

  test("all of it arrives also byte by byte", async () => {
    const command = "show ip interface brief";
    const whole = resultOf(await api.run(on(device, { command }))).retval;
    device.handle.setChunkSize(1);
    const pieces = resultOf(await api.run(on(device, { command }))).retval;
    device.handle.setChunkSize(0);
    expect(pieces).toBe(whole);
    expect(pieces).toContain("GigabitEthernet");
  });

  test("shows a change of its config, and keeps it only when it is saved", async () => {
    const change = [
      "interface Loopback77",
      "description made by a test",
      "ip address 192.0.2.77 255.255.255.255",
    ];
    const job = await api.run(on(device, { config: change }));
    expect(job).toMatchObject({ status: "finished", command: change });
    const shown = resultOf(await api.run(on(device, { command: "show running-config" }))).retval;
    expect(shown).toContain("interface Loopback77\n description made by a test\n ip address 192.0.2.77");
    expect(device.handle.startupConfig()).not.toContain("Loopback77");

    await api.run(on(device, { config: "interface Loopback78", driver_args: { save: true } }));
    expect(device.handle.startupConfig()).toContain("interface Loopback77");
    expect(device.handle.startupConfig()).toContain("interface Loopback78");
  });

  test("refuses a line: the rest is not sent, nothing is saved, config mode is left", async () => {
    const config = ["interface Loopback99", "ip adress 192.0.2.99 255.255.255.255", "description never sent"];
    const job = await api.run(on(device, { config, driver_args: { save: true } }));
    expect(failure(job)).toEqual({ status: "failed", type: "failed", error: "ConfigError" });
    expect(resultOf(job).error?.message).toMatch(/line 2\b/i);
    expect(resultOf(job).error?.message).toContain("% Invalid input detected at '^' marker.");
    expect(device.count("description never sent")).toBe(0);
    expect(device.handle.runningConfig()).toContain("interface Loopback99");
    expect(device.handle.startupConfig()).not.toContain("Loopback99");
    expect((await api.run(on(device, { command: "show clock" }))).status).toBe("finished");
  });

  test("breaks off in the middle of its output", async () => {
    await using other = await startDevice({ fault: "drop-output" });
    const job = await api.run(on(other, { command: "show interfaces" }));
    expect(failure(job)).toEqual({ status: "failed", type: "failed", error: "ConnectionError" });
    expect(resultOf(job).outputs.map((output) => output.ok)).toEqual([null]);
    expect(other.count("show interfaces")).toBe(1);
  });
});

describe("a simulated router that commits", () => {
  const location = "set system location building A";

  test("applies lines together, on trial if wanted", async () => {
    await using device = await startDevice({ platform: "juniper_junos" });
    const job = await api.run(on(device, { config: [location], driver_args: { commit_confirm: 60 } }));
    expect(job.status).toBe("finished");
    expect(resultOf(job).outputs.map(({ ok }) => ok)).toEqual([true]);
    expect(device.count("commit confirmed 1")).toBe(1);
    expect(device.count("commit")).toBe(1);
    expect(device.handle.runningConfig()).toContain("building A;");
  });

  test("applies none when it refuses one, and the result does not say otherwise", async () => {
    await using device = await startDevice({ platform: "juniper_junos" });
    const job = await api.run(on(device, { config: [location, "set system locaton x", "set system ntp"] }));
    expect(failure(job)).toEqual({ status: "failed", type: "failed", error: "ConfigError" });
    const { outputs, error } = resultOf(job);
    expect(outputs.map(({ command, ok }) => [command, ok])).toEqual([
      [location, false],
      ["set system locaton x", false],
    ]);
    expect(error?.message).toContain("line 2 was refused: syntax error.; nothing was committed");
    expect(device.handle.runningConfig()).not.toContain("building A");
    expect((await api.run(on(device, { config: [location] }))).status).toBe("finished");
    expect(device.handle.counts().logins).toBe(1);
  });

  test("and is being configured by somebody else says so, and keeps its session", async () => {
    await using device = await startDevice({ platform: "juniper_junos" });
    const locked =
      "error: configuration database locked by:\n  root terminal p3 (pid 1088) on since 19:47:58 UTC\n";
    device.handle.answer("configure exclusive", locked);
    const job = await api.run(on(device, { config: [location] }));
    expect(failure(job)).toEqual({ status: "failed", type: "failed", error: "ConfigLocked" });
    expect(resultOf(job).error).toMatchObject({ retryable: true });
    expect(resultOf(job).error?.message).toContain("root terminal p3");
    device.handle.answer("configure exclusive", null);
    expect((await api.run(on(device, { config: [location] }))).status).toBe("finished");
    expect(device.handle.counts().logins).toBe(1);
  });

  test("that has no trial commit is not asked for one", async () => {
    await using device = await startDevice();
    const response = await api.call("POST", "/device/exec", {
      json: on(device, { config: ["cdp run"], driver_args: { commit_confirm: 60 } }),
    });
    expect(response.status).toBe(422);
  });
});

/** Counters and times go on between two looks. */
function withoutCounters(text: string): string[] {
  return text
    .trim()
    .split("\n")
    .map((line) => line.trimEnd().replace(/\d+/g, "0"));
}
