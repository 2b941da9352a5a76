import { expect } from "bun:test";
import type { Answer, Api } from "./api.ts";

/** Stands wherever a request that is refused holds a value: no answer may ever repeat it. */
export const VALUE = "xq7-never-echoed-9vk";

/** A device that counts who connects: nothing that was refused may reach it. */
export interface CountingDevice {
  port: number;
  connections(): number;
  stop(): void;
}

export function startCountingDevice(): CountingDevice {
  let connections = 0;
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open() {
        connections += 1;
      },
      data() {},
    },
  });
  return { port: listener.port, connections: () => connections, stop: () => listener.stop(true) };
}

/** A request to it with nothing wrong in it. */
export function goodRequest(device: CountingDevice): Record<string, unknown> {
  return {
    driver: "netmiko",
    connection_args: {
      host: "127.0.0.1",
      port: device.port,
      username: "admin",
      password: VALUE,
      device_type: "cisco_ios",
    },
    command: "show version",
  };
}

/** What the store, the workers and the device know; a refused request changes none of it. */
export async function stateOf(api: Api, device: CountingDevice) {
  const workers = await api.workers();
  const done = workers.map((worker) => [worker.name, worker.successful_job_count, worker.failed_job_count]);
  return { jobs: await api.jobs(), done, connections: device.connections() };
}

/** That the answer says no with this status, in the envelope, and repeats neither values nor stack traces. */
export function expectRefusal(answer: Answer, status: number) {
  expect({ status: answer.status, text: answer.text }).toMatchObject({ status });
  expect(answer.text).not.toContain(VALUE);
  expect(answer.text).not.toMatch(/\bat \S+ \(|\.ts:\d+|node_modules/);
}
