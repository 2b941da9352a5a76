import { expect } from "bun:test";
import { type Api, failure, resultOf } from "./api.ts";
import type { Job } from "./contract.ts";
import type { Device } from "./device.ts";

/** A request to the device. */
export function on(device: Device, request: Record<string, unknown>): Record<string, unknown> {
  return { driver: "netmiko", connection_args: device.args(), ...request };
}

/** A job that has printed `show clock` and to whose `show users` the device says nothing until released. */
export async function startHeldJob(
  api: Api,
  device: Device,
  request: Record<string, unknown> = {},
): Promise<Job> {
  device.hold("show users");
  const before = device.count("show users");
  const { id } = await api.exec(on(device, { command: ["show clock", "show users"], ...request }));
  await device.received("show users", before + 1);
  return await api.job(id);
}

/** What a job that was ended in the middle of `show users` must look like. */
export function expectInterrupted(job: Job, type: string, error: string) {
  expect(failure(job)).toEqual({ status: "failed", type, error });
  const { retval, outputs } = resultOf(job);
  expect(outputs[0]).toMatchObject({ command: "show clock", ok: true });
  expect(outputs[0]?.stdout).toMatch(/\d\d:\d\d:\d\d/);
  expect(outputs.slice(1).map(({ command, ok, stdout }) => ({ command, ok, stdout }))).toEqual([
    { command: "show users", ok: null, stdout: "" },
  ]);
  expect(retval).toMatchObject({ "show clock": `${outputs[0]?.stdout}` });
}
