import { expect } from "bun:test";
import { join } from "node:path";
import type { JobView, WorkerView } from "../support/netpulse.ts";
import { must, program, run } from "../support/process.ts";
import { PYTHON } from "./python.ts";
import type { Stage } from "./stage.ts";

const ASK_DEVICE = join(import.meta.dir, "ask-device.py");

/** That the simulated device at a port answers this to an SSH client that is not ours, too. */
export async function expectSaidBy({ port }: { port: number }, command: string, said: string): Promise<void> {
  const answered = await must([PYTHON, "-I", "-B", ASK_DEVICE, String(port), command], { env: {} });
  expect(timeless(answered.replaceAll("\r", ""))).toContain(timeless(said.trimEnd()));
}

/** Without the one line that another minute changes. */
function timeless(said: string): string {
  return said.replace(/uptime is .*/g, "uptime is");
}

/** Milliseconds since 1970; throws for what is no time. */
export function instant(time: string | null): number {
  const value = Date.parse(time ?? "");
  if (Number.isNaN(value)) throw new Error(`${time} is no time`);
  return value;
}

/** That an ended job's times follow each other, lie within this test, and make its durations. */
export function expectTimesOf(job: JobView, { since }: Stage): void {
  const times = [job.created_at, job.enqueued_at, job.started_at, job.ended_at].map(instant);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  const [, enqueued = 0, started = 0, ended = 0] = times;
  expect(times[0]).toBeGreaterThanOrEqual(since);
  expect(ended).toBeLessThanOrEqual(Date.now());
  expect(Math.abs((job.duration ?? Number.NaN) * 1000 - (ended - started))).toBeLessThanOrEqual(1);
  expect(Math.abs((job.queue_time ?? Number.NaN) * 1000 - (started - enqueued))).toBeLessThanOrEqual(1);
}

export const namesOf = (workers: WorkerView[]) => workers.map(({ name }) => name).toSorted();
export const idsOf = (jobs: JobView[]) => jobs.map(({ id }) => id);

/** The ids newest first, as lists have them. */
export const newestFirst = (...jobs: JobView[]) => idsOf(jobs).toSorted().toReversed();

/** The process that started a process, by the operating system; NaN when there is no such process. */
export async function parentOf(pid: number): Promise<number> {
  const { stdout } = await run([program("ps", "procps"), "-o", "ppid=", "-p", String(pid)]);
  return Number.parseInt(stdout, 10);
}
