import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { Api, resultOf } from "./support/api.ts";
import { type Device, startDevice } from "./support/device.ts";
import { startHeldJob } from "./support/held-job.ts";
import { until } from "./support/until.ts";

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

function testOf(device: Device, more: object = {}) {
  return { json: { driver: "netmiko", connection_args: { ...device.args(), ...more } } };
}

describe("POST /device/test", () => {
  test("logs in and tells the prompt; the device gets no command", async () => {
    await using device = await startDevice();
    const { status, data } = await api.call("POST", "/device/test", testOf(device));
    expect(status).toBe(200);
    expect(data).toMatchObject({
      success: true,
      error_message: null,
      device_info: { device_type: "cisco_ios", host: device.args().host },
    });
    const { connection_time, device_info } = data as {
      connection_time: number;
      device_info: { prompt: string };
    };
    expect(connection_time).toBeGreaterThan(0);
    expect(device_info.prompt).toMatch(/[>#]$/);
    expect(device.lines().filter((line) => line.startsWith("show"))).toEqual([]);
  });

  test("names what `autodetect` has found, as a job does", async () => {
    await using device = await startDevice({ platform: "arista_eos" });
    const asked = testOf(device, { device_type: "autodetect" });
    const { data } = await api.call("POST", "/device/test", asked);
    expect(data).toMatchObject({ success: true, device_info: { device_type: "arista_eos" } });
    const job = await api.run({ ...asked.json, command: ["show version", "show clock"] });
    const { outputs } = resultOf(job);
    expect(outputs.map(({ ok, stderr }) => [ok, stderr])).toEqual([
      [true, "device_type: arista_eos\n"],
      [true, ""],
    ]);
  });

  test("logs in anew beside the session of a job that runs", async () => {
    await using device = await startDevice();
    await startHeldJob(api, device);
    const { data } = await api.call("POST", "/device/test-connection", testOf(device));
    expect(data).toMatchObject({ success: true });
    expect(device.handle.counts().logins).toBe(2);
    device.release();
  });

  test("says what failed", async () => {
    await using device = await startDevice();
    const refused = await api.call("POST", "/device/test", testOf(device, { password: "wrong" }));
    expect(refused.data).toMatchObject({ success: false, connection_time: null });
    expect((refused.data as { error_message: string }).error_message).toStartWith("AuthenticationError: ");
    const away = await api.call("POST", "/device/test", testOf(device, { port: 1 }));
    expect((away.data as { error_message: string }).error_message).toStartWith("ConnectionError: ");
  });

  test("a client that goes away cancels it", async () => {
    await using device = await startDevice();
    await device.handle.setFault("stall-auth");
    const left = new AbortController();
    const { json } = testOf(device);
    const asked = fetch(`${netpulse.url}/device/test`, {
      method: "POST",
      headers: { "X-API-KEY": netpulse.key, "Content-Type": "application/json" },
      body: JSON.stringify(json),
      signal: left.signal,
    });
    await device.open(1);
    left.abort();
    await expect(asked).rejects.toThrow();
    const [job] = await until("the job ends", async () => {
      const jobs = await api.jobs("driver=netmiko&limit=1");
      return jobs[0]?.ended_at ? jobs : null;
    });
    expect(job?.result?.error?.type).toBe("JobAborted");
  });
});
