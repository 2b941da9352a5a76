import { expect } from "bun:test";
import { type Api, resultOf } from "./api.ts";
import type { Job } from "./contract.ts";
import type { Device } from "./device.ts";
import { on } from "./held-job.ts";

const COMMANDS = ["show clock", "show privilege", "show users"];

/**
 * A job in the middle of its third command. The device takes 1.5 s over the second one, so that what the
 * first printed is more than the second old that output may be lost for.
 */
export async function startLongJob(
  api: Api,
  device: Device,
  request: Record<string, unknown> = {},
): Promise<Job> {
  device.delay("show privilege", 1500);
  device.hold("show users");
  const { id } = await api.exec(on(device, { command: COMMANDS, ...request }));
  await device.received("show users");
  return await api.job(id);
}

/** That such a job, which was lost, has kept what it may not lose. */
export function expectOutputSoFar(job: Job) {
  const { outputs, retval } = resultOf(job);
  expect(outputs[0]).toMatchObject({ command: "show clock", ok: true });
  expect(outputs[0]?.stdout).toMatch(/\d\d:\d\d:\d\d/);
  expect(outputs.map((output) => output.command)).toEqual(COMMANDS.slice(0, outputs.length));
  expect(retval).toMatchObject({ "show clock": `${outputs[0]?.stdout}` });
}
