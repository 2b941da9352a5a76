import { expect } from "bun:test";
import type { JobView } from "../../support/netpulse.ts";
import { type AtSleep, call, lastOf } from "../python.ts";
import { departures, exampleOf } from "../shape.ts";
import type { Device, Stage } from "../stage.ts";
import { type BlockTreatments, block, type EntryTreatments } from "../treatment.ts";
import { idsOf } from "../truth.ts";
import { firstExample, stepOf } from "./job-programs.ts";
import { monitor } from "./operations.ts";

const FIRST = block("Usage Examples › 1. Query Job Status › python 1");

/** A job that waits for its device's worker, which takes nothing until {@link start}. */
interface Waiting {
  device: Device;
  job: JobView;
}

async function waitingJob(stage: Stage): Promise<Waiting> {
  const device = await stage.device();
  await device.suspended();
  return { device, job: await device.submit() };
}

/** Lets the worker have its job; the device keeps its answer back. */
async function start(stage: Stage, device: Device): Promise<void> {
  device.hold();
  const asked = device.asked();
  expect((await stage.product.post(`/worker/resume?queue=${device.queue}`, undefined)).status).toBe(200);
  await asked;
}

async function finish(stage: Stage, device: Device, { id }: JobView): Promise<JobView> {
  device.release();
  return await stage.product.ended(id);
}

/** While the program sleeps for the first time the job starts, and the second time it finishes. */
function livesOn(stage: Stage, device: Device, job: JobView): AtSleep {
  return async ({ round }) => {
    if (round === 1) await start(stage, device);
    if (round === 2) await finish(stage, device, job);
    return round <= 3 ? "go on" : "stop";
  };
}

export const LIFE_CYCLE: BlockTreatments<Stage> = {
  "Job Status Description › Job Lifecycle › mermaid 1": {
    "draws the ways jobs go, and no others": async (stage, { text }) => {
      const seen = new Set<string>();
      const go = async ({ device, job }: Waiting, ...steps: ((waiting: Waiting) => Promise<unknown>)[]) => {
        let status: string = job.status;
        seen.add(`Submit Job --> ${status}`);
        for (const step of steps) {
          await step({ device, job });
          const next = (await stage.job(job.id)).status;
          seen.add(`${status} --> ${next}`);
          status = next;
        }
      };
      const starts = ({ device }: Waiting) => start(stage, device);
      const finishes = ({ device, job }: Waiting) => finish(stage, device, job);
      const isCancelled = ({ job }: Waiting) => stage.product.del(`/job?id=${job.id}`);
      const losesItsDevice = ({ device, job }: Waiting) => {
        device.cut();
        return stage.product.ended(job.id);
      };
      await go(await waitingJob(stage), starts, finishes);
      await go(await waitingJob(stage), starts, losesItsDevice);
      await go(await waitingJob(stage), isCancelled);
      expect([...seen].toSorted()).toEqual(edgesOf(text).toSorted());
    },
  },
  "API Endpoints › GET /job › json 1": {
    "has times with an offset also in UTC": async (stage, part) => {
      const { id, created_at, ended_at } = await (await stage.device()).finished();
      const { body } = await stage.product.get(`/job?id=${id}`);
      expect(departures(exampleOf(part), body)).toEqual([]);
      expect([created_at.slice(-6), ended_at?.slice(-6)]).toEqual(["+00:00", "+00:00"]);
    },
  },
  [FIRST.key]: {
    "follows a job from the queue to its end": async (stage, part) => {
      const { device, job } = await waitingJob(stage);
      const program = stepOf(stage, part, { job_123456: job.id });
      const { printed, raised } = await lastOf([program], livesOn(stage, device, job));
      const { result } = await stage.job(job.id);
      expect(raised).toBeNull();
      expect(printed).toBe(`Job status: queued\nJob status: started\nJob completed: ${result?.retval}\n`);
    },
  },
  "Best Practices › 1. Job Status Polling › python 1": {
    "returns the result of a job that ends while it waits": async (stage, part) => {
      const { device, job } = await waitingJob(stage);
      const finished = await (await stage.device()).finished();
      const steps = [firstExample(stage, finished), stepOf(stage, part, { job_123456: job.id })];
      const { printed, raised } = await lastOf(steps, livesOn(stage, device, job));
      const { result } = await stage.job(job.id);
      expect(raised).toBeNull();
      expect(printed).toBe(`Job result: ${result?.retval}\n`);
    },
  },
  "Best Practices › 2. Batch Job Management › python 1": {
    "ends when the last job has ended": async (stage, part) => {
      const { device, job } = await waitingJob(stage);
      const finished = await (await stage.device()).finished();
      const batch = call("monitor_batch_jobs", [idsOf([job, finished]), stage.product.key]);
      const steps = [firstExample(stage, finished), stepOf(stage, part, {}), batch];
      const outcome = await lastOf(steps, livesOn(stage, device, job));
      expect(outcome).toMatchObject({ raised: null, stopped: false, returned: [idsOf([finished, job]), []] });
      expect(outcome.printed).toBe(`Job ${finished.id} completed\nJob ${job.id} completed\n`);
    },
  },
  "Worker Management Examples › 3. Worker Monitoring Script › bash 1": {
    "does not warn of too few busy workers while two are busy": async (stage, part) => {
      for (const device of [await stage.device(), await stage.device()]) await device.started();
      const [summary = "", ...warnings] = await monitor(stage, part);
      expect(Number(summary.match(/Busy: (\d+)/)?.[1])).toBeGreaterThanOrEqual(2);
      expect(warnings.filter((warning) => warning.includes("busy"))).toEqual([]);
    },
  },
};

export const QUEUES: EntryTreatments<Stage> = {
  "Worker Status Description › Queue Types › pinned_{device_host}": {
    "is the queue of one device, without the port that is the usual": async ({ product }) => {
      // No TCP connection can be made to a multicast address, and the system says so at once.
      const host = "224.0.0.22";
      const job = await product.exec({
        driver: "netmiko",
        connection_args: { device_type: "cisco_ios", host, username: "admin", password: "admin" },
        command: "show version",
      });
      expect(job.queue).toBe(`pinned_${host}`);
      expect((await product.ended(job.id)).status).toBe("failed");
    },
  },
};

/** `A[Submit Job] --> B[queued]` as `Submit Job --> queued`; a node is named where it first stands. */
function edgesOf(mermaid: string): string[] {
  const names = new Map([...mermaid.matchAll(/(\w+)\[([^\]]+)\]/g)].map(([, id, name]) => [id, name]));
  return [...mermaid.matchAll(/^\s*(\w+)\S*(?: \w+\])? --> (\w+)/gm)].map(
    ([, from, to]) => `${names.get(from)} --> ${names.get(to)}`,
  );
}
