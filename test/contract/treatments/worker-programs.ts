import { expect } from "bun:test";
import type { WorkerView } from "../../support/netpulse.ts";
import { call, lastOf, runPython, type Step } from "../python.ts";
import { FIFO_WORKERS } from "../stage.ts";
import type { Standing } from "../standing.ts";
import type { BlockTreatments } from "../treatment.ts";
import { namesOf } from "../truth.ts";
import { firstExample, stepOf } from "./job-programs.ts";

async function workersOf({ product }: Standing): Promise<WorkerView[]> {
  return (await product.get<WorkerView[]>("/worker")).body.data;
}

/** How many workers of a status there must be at least, by the scene, and how many the API lists. */
async function countOf(scene: Standing, status: WorkerView["status"]): Promise<number> {
  const workers = (await workersOf(scene)).filter((worker) => worker.status === status);
  expect(namesOf(workers)).toContain(scene.workers[status]);
  return workers.length;
}

/** The first example makes the names that the later ones use. */
async function printedAfterFirst(scene: Standing, steps: Step[]): Promise<string> {
  const outcome = await lastOf([firstExample(scene, scene.jobs.finished), ...steps]);
  expect(outcome).toMatchObject({ raised: null, stopped: false });
  return outcome.printed;
}

export const WORKER_PROGRAMS: BlockTreatments<Standing> = {
  "Usage Examples › 4. Monitor Worker Status › python 1": {
    "prints every worker with its status and counts": async (scene, part) => {
      const printed = await printedAfterFirst(scene, [stepOf(scene, part, {})]);
      const { busy, idle, suspended, dead } = scene.workers;
      const lines = printed.trimEnd().split("\n");
      for (const known of [
        `Worker: ${busy}, Status: busy, Completed jobs: 0, Failed jobs: 0`,
        `Worker: ${idle}, Status: idle, Completed jobs: 2, Failed jobs: 0`,
        `Worker: ${suspended}, Status: suspended, Completed jobs: 1, Failed jobs: 0`,
        `Worker: ${dead}, Status: dead, Completed jobs: 0, Failed jobs: 1`,
      ]) {
        expect(lines).toContain(known);
      }
      expect(lines.toSorted()).toEqual(
        (await workersOf(scene))
          .map(
            (worker) =>
              `Worker: ${worker.name}, Status: ${worker.status}, ` +
              `Completed jobs: ${worker.successful_job_count}, Failed jobs: ${worker.failed_job_count}`,
          )
          .toSorted(),
      );
    },
  },
  "Best Practices › 3. Worker Monitoring › python 1": {
    "counts the busy and the idle, and prints what each has done": async (scene, part) => {
      const question = call("monitor_workers", [scene.product.key]);
      const printed = await printedAfterFirst(scene, [stepOf(scene, part, {}), question]);
      const workers = await workersOf(scene);
      const [busy, idle, ...lines] = printed.trimEnd().split("\n");
      expect(busy).toBe("Busy Workers: 1");
      expect(idle).toBe(`Idle Workers: ${await countOf(scene, "idle")}`);
      expect(lines).toContain(`Worker ${scene.workers.idle}: 2 completed, 0 failed`);
      expect(lines.toSorted()).toEqual(
        workers
          .map(
            ({ name, successful_job_count: good, failed_job_count: bad }) =>
              `Worker ${name}: ${good} completed, ${bad} failed`,
          )
          .toSorted(),
      );
    },
  },
  "Worker Management Examples › 1. Query Worker Status › python 1": {
    "gets all workers, and those of the FIFO queue": async (scene, part) => {
      const outcomes = await runPython([
        stepOf(scene, part, {}),
        { value: "workers" },
        { value: "fifo_workers" },
      ]);
      expect(outcomes.map(({ raised }) => raised)).toEqual([null, null, null]);
      const [all, fifo] = outcomes.slice(1).map(({ returned }) => returned as WorkerView[]);
      expect(namesOf(all ?? [])).toEqual(namesOf(await workersOf(scene)));
      expect(namesOf(all ?? [])).toEqual(expect.arrayContaining(Object.values(scene.workers)));
      expect(fifo?.map(({ queues }) => queues)).toEqual(Array(FIFO_WORKERS).fill(["FifoQ"]));
    },
    "gets the workers of a queue and of a host": async (scene, part) => {
      const { quick, resting } = scene.devices;
      const outcomes = await runPython([
        stepOf(scene, part, {}),
        call("get_all_workers", []),
        call("get_workers_by_queue", [quick.queue]),
        call("get_workers_by_host", [resting.host]),
        call("get_workers_by_queue", ["pinned_nowhere"]),
        call("get_workers_by_host", ["nowhere"]),
      ]);
      expect(outcomes.map(({ raised }) => raised)).toEqual(Array(6).fill(null));
      const names = outcomes.slice(1).map(({ returned }) => namesOf(returned as WorkerView[]));
      expect(names).toEqual([
        namesOf(await workersOf(scene)),
        [scene.workers.idle],
        [scene.workers.suspended],
        [],
        [],
      ]);
    },
  },
};
