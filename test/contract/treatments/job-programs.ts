import { expect } from "bun:test";
import type { JobView } from "../../support/netpulse.ts";
import type { Block } from "../document.ts";
import type { Values } from "../placeholders.ts";
import { type AtSleep, call, lastOf, type Outcome, runPython, type Step } from "../python.ts";
import type { Stage } from "../stage.ts";
import type { Standing } from "../standing.ts";
import { type BlockTreatments, block } from "../treatment.ts";
import { expectSaidBy, idsOf, newestFirst } from "../truth.ts";

const FIRST = "Usage Examples › 1. Query Job Status › python 1";
const NO_JOB = "job_000000";

/** A block as a step of a program. */
export function stepOf(stage: Stage, { key, text }: Block, values: Values): Step {
  return { name: key, code: stage.fill(text, values) };
}

/** The page's first example, which the later ones build on: it imports and defines `check_job_status`. */
export function firstExample(stage: Stage, finished: JobView): Step {
  return stepOf(stage, block(FIRST), { job_123456: finished.id });
}

/** What a block does after the first example, with this job in it. */
function after(
  scene: Standing,
  part: Block,
  job: JobView | string = "",
  more: Step[] = [],
): Promise<Outcome> {
  const values = { job_123456: typeof job === "string" ? job : job.id };
  return lastOf([firstExample(scene, scene.jobs.finished), stepOf(scene, part, values), ...more]);
}

/** The error as Python's f-string prints it. */
function printedError({ devices: { absent } }: Standing): string {
  const message = `['"](?=.*${RegExp.escape(absent.host)}\\b)(?=.*\\b${absent.port}\\b).*['"]`;
  return `\\{'type': 'ConnectionError', 'message': ${message}, 'retryable': (True|False)\\}`;
}

export const JOB_PROGRAMS: BlockTreatments<Standing> = {
  [FIRST]: {
    "prints what the device answered": async (scene, part) => {
      const { id } = scene.jobs.finished;
      const outcome = await lastOf([stepOf(scene, part, { job_123456: id })]);
      expect(outcome).toMatchObject({ raised: null, stopped: false });
      expect(outcome.printed).toStartWith("Job completed: ");
      const answered = outcome.printed.slice("Job completed: ".length);
      expect(answered).toContain("Version");
      await expectSaidBy(scene.devices.quick.direct, "show version", answered);
    },
    "prints why a job failed": async (scene, part) => {
      const outcome = await lastOf([stepOf(scene, part, { job_123456: scene.jobs.failed.id })]);
      expect(outcome).toMatchObject({ raised: null, stopped: false });
      expect(outcome.printed).toMatch(new RegExp(`^Job failed: ${printedError(scene)}\n$`));
    },
    "goes on asking while a job is queued or started, every two seconds": async (scene, part) => {
      for (const status of ["queued", "started"] as const) {
        const pauses: number[] = [];
        const atSleep: AtSleep = ({ round, seconds }) => {
          pauses.push(seconds);
          return round < 3 ? "go on" : "stop";
        };
        const outcome = await lastOf([stepOf(scene, part, { job_123456: scene.jobs[status].id })], atSleep);
        expect(outcome).toMatchObject({ raised: null, stopped: true });
        expect(outcome.printed).toBe(`Job status: ${status}\n`.repeat(3));
        expect(pauses).toEqual([2, 2, 2]);
      }
    },
    "ends for a cancelled job, whose status it does not know": async (scene, part) => {
      const outcome = await lastOf([stepOf(scene, part, { job_123456: scene.jobs.cancelled.id })]);
      expect(outcome).toMatchObject({ raised: null, stopped: false, printed: "Unknown status: cancelled\n" });
    },
    "prints the HTTP status for an unknown job": async (scene, part) => {
      const outcome = await lastOf([stepOf(scene, part, { job_123456: NO_JOB })]);
      expect(outcome).toMatchObject({ raised: null, printed: "Query failed: 404\nUnknown status: None\n" });
    },
    "prints the HTTP status for a wrong key": async (scene, part) => {
      const values = { job_123456: scene.jobs.finished.id, your_key: `${scene.product.key}x` };
      const outcome = await lastOf([stepOf(scene, part, values)]);
      expect(outcome).toMatchObject({ raised: null, printed: "Query failed: 401\nUnknown status: None\n" });
    },
  },
  "Usage Examples › 2. Batch Query Jobs › python 1": {
    "prints every finished job with its duration": async (scene, part) => {
      const { finished, later, fifo, suspended } = scene.jobs;
      const { printed, raised } = await after(scene, part);
      expect(raised).toBeNull();
      const expected = [suspended, fifo, later, finished].map(
        ({ id, duration }) => `Job ID: ${id}, Execution time: ${duration} seconds\n`,
      );
      expect(printed).toBe(expected.join(""));
    },
  },
  "Usage Examples › 5. Process Job Results › python 1": {
    "prints what the device answered": async (scene, part) => {
      const { finished } = scene.jobs;
      const { printed, raised } = await after(scene, part, finished);
      expect(raised).toBeNull();
      expect(printed).toBe(`${finished.result?.retval}\n`);
      await expectSaidBy(scene.devices.quick.direct, "show version", printed);
    },
    "returns the status of any other job": async (scene, part) => {
      for (const status of ["queued", "started", "failed", "cancelled"] as const) {
        const question = call("process_job_result", [scene.jobs[status].id, scene.product.key]);
        const outcome = await after(scene, part, scene.jobs.finished, [question]);
        expect(outcome).toMatchObject({ raised: null, returned: `Job status: ${status}` });
      }
    },
    "returns that there is no such job": async (scene, part) => {
      expect(await after(scene, part, NO_JOB)).toMatchObject({ raised: null, printed: "Query failed\n" });
    },
  },
  "Best Practices › 1. Job Status Polling › python 1": {
    "prints what the device answered": async (scene, part) => {
      const { finished } = scene.jobs;
      const { printed, raised } = await after(scene, part, finished);
      expect(raised).toBeNull();
      expect(printed).toBe(`Job result: ${finished.result?.retval}\n`);
    },
    "raises why a job failed": async (scene, part) => {
      const { printed } = await after(scene, part, scene.jobs.failed);
      const why = `Job exception: Job execution failed: ${printedError(scene)}`;
      expect(printed).toMatch(new RegExp(`^${why}\n$`));
    },
    "raises for a cancelled job, whose status it does not know": async (scene, part) => {
      const { printed } = await after(scene, part, scene.jobs.cancelled);
      expect(printed).toBe("Job exception: Unknown job status: cancelled\n");
    },
    "waits for a queued job as long as it was told": async (scene, part) => {
      const wait = call("wait_for_job_completion", [scene.jobs.queued.id, scene.product.key], { timeout: 0 });
      const outcome = await after(scene, part, scene.jobs.finished, [wait]);
      expect(outcome.raised).toBe("Exception: Job timeout");
    },
    "waits between two questions as long as it was told": async (scene, part) => {
      const pauses: number[] = [];
      const { started, finished } = scene.jobs;
      const wait = call("wait_for_job_completion", [started.id, scene.product.key], { interval: 7 });
      const steps = [firstExample(scene, finished), stepOf(scene, part, { job_123456: finished.id }), wait];
      const outcome = await lastOf(steps, ({ round, seconds }) => {
        pauses.push(seconds);
        return round < 2 ? "go on" : "stop";
      });
      expect(outcome).toMatchObject({ raised: null, stopped: true });
      expect(pauses).toEqual([7, 7]);
    },
  },
  "Best Practices › 2. Batch Job Management › python 1": {
    "tells completed from failed jobs": async (scene, part) => {
      const { finished, failed, later } = scene.jobs;
      const batch = call("monitor_batch_jobs", [idsOf([finished, failed, later]), scene.product.key]);
      const steps = [firstExample(scene, finished), stepOf(scene, part, {}), batch];
      const outcome = await lastOf(steps, () => "go on");
      expect(outcome).toMatchObject({ raised: null, returned: [idsOf([finished, later]), [failed.id]] });
      const [first, second, third] = outcome.printed.split("\n");
      expect([first, third]).toEqual([`Job ${finished.id} completed`, `Job ${later.id} completed`]);
      expect(second).toMatch(new RegExp(`^Job ${failed.id} failed: ${printedError(scene)}$`));
    },
    "goes on for what has not ended": async (scene, part) => {
      const { finished, queued, started } = scene.jobs;
      const batch = call("monitor_batch_jobs", [idsOf([queued, finished, started]), scene.product.key]);
      const steps = [firstExample(scene, finished), stepOf(scene, part, {}), batch];
      const outcome = await lastOf(steps, ({ round }) => (round < 3 ? "go on" : "stop"));
      expect(outcome).toMatchObject({ stopped: true, printed: `Job ${finished.id} completed\n` });
    },
  },
  "Performance Optimization › 1. Batch Query › python 1": {
    "asks for every job once and gets its status and result": async (scene, part) => {
      const { finished, failed, started } = scene.jobs;
      const values = { job_123456: finished.id, job_123457: failed.id, job_123458: started.id };
      const outcomes = await runPython([
        firstExample(scene, finished),
        { record: "check_job_status" },
        stepOf(scene, part, values),
        { value: "check_job_status.calls" },
      ]);
      expect(outcomes.map(({ raised }) => raised)).toEqual([null, null, null, null]);
      const { key } = scene.product;
      expect(outcomes[3]?.returned).toEqual([
        [
          [finished.id, key],
          ["finished", finished.result],
        ],
        [
          [failed.id, key],
          ["failed", failed.result],
        ],
        [
          [started.id, key],
          ["started", null],
        ],
      ]);
    },
  },
  "Performance Optimization › 2. Conditional Filtering › python 1": {
    "gets the finished jobs and no other": async (scene, part) => {
      const { finished, later, fifo, suspended } = scene.jobs;
      const outcome = await after(scene, part, "", [{ value: 'response.json()["data"]' }]);
      const jobs = outcome.returned as JobView[];
      expect(idsOf(jobs)).toEqual(newestFirst(finished, later, fifo, suspended));
      expect(jobs.map(({ status }) => status)).toEqual(["finished", "finished", "finished", "finished"]);
    },
  },
  "Performance Optimization › 3. Async Processing › python 1": {
    "gets jobs of all statuses at once, in the order asked": async (scene, part) => {
      const { queued, started, finished, failed, cancelled } = scene.jobs;
      const jobs = [queued, started, finished, failed, cancelled];
      const ask = call("monitor_jobs_async", [[...idsOf(jobs), NO_JOB], scene.product.key]);
      const outcome = await lastOf([stepOf(scene, part, {}), ask]);
      expect(outcome.raised).toBeNull();
      expect(outcome.returned).toEqual([...jobs, null]);
    },
  },
};
