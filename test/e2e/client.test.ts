import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Netpulse as Client, isOver, JobFailed, orThrow } from "../../src/client/index.ts";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { must } from "../support/process.ts";
import { tempDir } from "../support/tempdir.ts";
import { type Device, startDevice } from "./support/device.ts";

const ROOT = resolve(import.meta.dir, "../..");

let netpulse: Netpulse;
let device: Device;
let client: Client;
beforeAll(async () => {
  [netpulse, device] = await Promise.all([startNetpulse(), startDevice()]);
  client = new Client({ url: netpulse.url, apiKey: netpulse.key });
});
afterAll(async () => {
  await netpulse.stop();
  await device.stop();
});

const on = (command: string | string[]) => ({ driver: "netmiko", connection_args: device.args(), command });

describe("the client, over the whole service,", () => {
  test("runs a command, and hears what the device prints while it prints", async () => {
    device.hold("show users");
    const { id } = await client.devices.exec(on(["show clock", "show users"]));
    const heard: string[] = [];
    for await (const event of client.jobs.events(id)) {
      if (event.type === "output") heard.push(event.data.text);
      if (event.type === "command" && event.data.index === 1) {
        expect(heard.join("")).toMatch(/\d\d:\d\d:\d\d/);
        device.release();
      }
    }
    const job = orThrow(await client.jobs.wait(id));
    expect(heard.join("")).toBe(job.result?.outputs.map(({ stdout }) => stdout).join("") ?? "");
  });

  test("throws what a job failed with", async () => {
    const wrong = {
      ...on("show clock"),
      connection_args: device.args({ password: "wrong", username: "eve" }),
    };
    const error: unknown = await client.devices.run(wrong).catch((thrown: unknown) => thrown);
    if (!(error instanceof JobFailed)) throw error;
    expect([error.type, error.retryable, error.job.status]).toEqual(["AuthenticationError", false, "failed"]);
  });

  test("aborts what has started, and cancels what is queued", async () => {
    device.hold("show users");
    const before = device.count("show users");
    const first = await client.devices.exec(on("show users"));
    const second = await client.devices.exec(on("show clock"));
    await device.received("show users", before + 1);
    await client.jobs.cancel(second.id);
    await client.jobs.abort(first.id);
    const ended = await Promise.all([client.jobs.wait(first.id), client.jobs.wait(second.id)]);
    expect(ended.map(({ status }) => status)).toEqual(["failed", "cancelled"]);
    device.release();
  });

  test("makes a batch, watches it to its end and lists its failures first", async () => {
    const { connection_args, ...request } = on("show clock");
    const { batch_id, failed } = await client.devices.bulk({
      ...request,
      connection_args,
      devices: [
        { host: device.handle.host },
        { host: "no host" },
        { host: device.handle.host, command: "show nothing" },
      ],
    });
    expect(failed.map(({ index }) => index)).toEqual([1]);
    const states = await Array.fromAsync(client.batches.watch(batch_id ?? "", { everyMs: 50 }));
    const last = states.at(-1);
    expect(states.map(isOver)).toEqual([...states.slice(1).map(() => false), true]);
    expect(last?.counts).toEqual({ queued: 0, started: 0, finished: 1, failed: 1, cancelled: 0 });
    const jobs = await Array.fromAsync(client.batches.all(batch_id ?? "", { result: false }));
    expect(jobs.map(({ status }) => status)).toEqual(["failed", "finished"]);
  });

  test("tests a device, and knows how the service is", async () => {
    const answer = await client.devices.test({ driver: "netmiko", connection_args: device.args() });
    expect(answer).toMatchObject({ success: true, device_info: { host: device.handle.host } });
    expect(await client.system.down()).toEqual([]);
    expect((await client.system.health()).status).toBe("ok");
    expect(await client.system.metrics()).toContain("netpulse_up 1");
  });

  test("does what docs/client.md shows", async () => {
    const [, example = ""] =
      /```ts\n([\s\S]*?)```/.exec(readFileSync(`${ROOT}/docs/client.md`, "utf8")) ?? [];
    const { host, port } = device.handle;
    const script = example
      .replace('"netpulse/client"', JSON.stringify(`${ROOT}/src/client/index.ts`))
      .replace("http://localhost:9000", netpulse.url)
      .replace('apiKey: "…"', `apiKey: "${netpulse.key}"`)
      .replaceAll('host: "192.168.1.1"', `host: "${host}", port: ${port}`)
      .replace('password: "…"', 'password: "admin"');
    const folder = tempDir("example");
    await Bun.write(folder.file("example.ts"), script);
    const printed = await must([process.execPath, folder.file("example.ts")]);
    folder.remove();
    expect(printed.match(/Cisco IOS Software/g)).toHaveLength(2);
    expect(printed).toEndWith("AuthenticationError false\n");
  });
});
