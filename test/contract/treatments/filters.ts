import { expect } from "bun:test";
import type { JobView, WorkerView } from "../../support/netpulse.ts";
import { FIFO_WORKERS, NODE } from "../stage.ts";
import type { Standing } from "../standing.ts";
import type { EntryTreatments } from "../treatment.ts";
import { idsOf, namesOf, newestFirst } from "../truth.ts";

async function jobs({ product }: Standing, query: string): Promise<string[]> {
  const { status, body } = await product.get<JobView[]>(`/job?${query}`);
  expect(status).toBe(200);
  return idsOf(body.data);
}

async function workers({ product }: Standing, query: string): Promise<string[]> {
  const { status, body } = await product.get<WorkerView[]>(`/worker?${query}`);
  expect(status).toBe(200);
  return namesOf(body.data);
}

/** Every job of the scene in a status, as it was brought about. */
async function expectStatus(scene: Standing, status: string, expected: JobView[]): Promise<void> {
  expect(await jobs(scene, `status=${status}`)).toEqual(newestFirst(...expected));
}

export const FILTERS: EntryTreatments<Standing> = {
  "API Endpoints › GET /job › id": {
    "finds the one job": async (scene) => {
      const { queued } = scene.jobs;
      expect(await jobs(scene, `id=${queued.id}`)).toEqual([queued.id]);
      expect((await scene.product.get("/job?id=job_000000")).status).toBe(404);
    },
    "comes before every other filter": async (scene) => {
      const { queued } = scene.jobs;
      expect(await jobs(scene, `id=${queued.id}&status=finished&host=nowhere`)).toEqual([queued.id]);
    },
  },
  "API Endpoints › GET /job › queue": {
    "finds the queue's jobs, whatever their status": async (scene) => {
      const { started, queued, cancelled, fifo } = scene.jobs;
      const { queue } = scene.devices.silent;
      expect(await jobs(scene, `queue=${queue}`)).toEqual(newestFirst(started, queued, cancelled));
      expect(await jobs(scene, "queue=FifoQ")).toEqual([fifo.id]);
    },
    "narrows together with others": async (scene) => {
      const { queue } = scene.devices.silent;
      expect(await jobs(scene, `queue=${queue}&status=queued`)).toEqual([scene.jobs.queued.id]);
    },
  },
  "API Endpoints › GET /job › status": {
    "finds the jobs of any of the five statuses, and all of them": async (scene) => {
      const { finished, later, fifo, suspended, interrupted, failed, started, queued, cancelled } =
        scene.jobs;
      await expectStatus(scene, "queued", [queued]);
      await expectStatus(scene, "started", [started]);
      await expectStatus(scene, "finished", [finished, later, fifo, suspended]);
      await expectStatus(scene, "failed", [failed, interrupted]);
      await expectStatus(scene, "cancelled", [cancelled]);
      expect(await jobs(scene, "")).toEqual(newestFirst(...Object.values(scene.jobs)));
    },
  },
  "API Endpoints › GET /job › node": {
    "finds the jobs that a node has taken": async (scene) => {
      const { queued: _, cancelled: __, ...taken } = scene.jobs;
      expect(await jobs(scene, `node=${NODE}`)).toEqual(newestFirst(...Object.values(taken)));
      expect(await jobs(scene, "node=elsewhere")).toEqual([]);
    },
  },
  "API Endpoints › GET /job › host": {
    "finds the device's jobs, in its own queue and in FifoQ": async (scene) => {
      const { finished, later, fifo } = scene.jobs;
      expect(await jobs(scene, `host=${scene.devices.quick.host}`)).toEqual(
        newestFirst(finished, later, fifo),
      );
      expect(await jobs(scene, "host=nowhere")).toEqual([]);
    },
  },
  "API Endpoints › GET /worker › queue": {
    "finds the queue's workers": async (scene) => {
      expect(await workers(scene, `queue=${scene.devices.resting.queue}`)).toEqual([scene.workers.suspended]);
      expect(await workers(scene, "queue=FifoQ")).toHaveLength(FIFO_WORKERS);
    },
    "comes before every other filter": async (scene) => {
      const { queue } = scene.devices.resting;
      expect(await workers(scene, `queue=${queue}&node=elsewhere&host=nowhere`)).toEqual([
        scene.workers.suspended,
      ]);
    },
  },
  "API Endpoints › GET /worker › node": {
    "finds the node's workers": async (scene) => {
      expect(await workers(scene, `node=${NODE}`)).toEqual(await workers(scene, ""));
      expect(await workers(scene, "node=elsewhere")).toEqual([]);
    },
  },
  "API Endpoints › GET /worker › host": {
    "finds the device's worker": async (scene) => {
      expect(await workers(scene, `host=${scene.devices.silent.host}`)).toEqual([scene.workers.busy]);
      expect(await workers(scene, "host=nowhere")).toEqual([]);
    },
  },
  "Job Status Description › Job Status › queued": {
    "is of a job that waits for its turn": ({ jobs: { queued } }) => {
      expect(queued).toMatchObject({ status: "queued", started_at: null, worker: null, result: null });
    },
  },
  "Job Status Description › Job Status › started": {
    "is of a job that a worker runs": async ({ jobs: { started }, worker, workers: { busy } }) => {
      expect(started).toMatchObject({ status: "started", worker: busy, ended_at: null, result: null });
      expect(await worker(busy)).toMatchObject({ current_jobs: [started.id] });
    },
  },
  "Job Status Description › Job Status › finished": {
    "is of a job that has results": ({ jobs: { finished } }) => {
      expect(finished).toMatchObject({ status: "finished", result: { type: "success", error: null } });
      expect(finished.result?.retval).toBeString();
    },
  },
  "Job Status Description › Job Status › failed": {
    "is of a job that has error information": ({ jobs: { failed, interrupted } }) => {
      for (const { status, result } of [failed, interrupted]) {
        expect({ status, message: result?.error?.message }).toEqual({
          status: "failed",
          message: expect.stringMatching(/\w/),
        });
      }
    },
  },
  "Worker Status Description › Worker Status › busy": {
    "is of a worker that has a job": async ({ worker, workers: { busy } }) => {
      expect(await worker(busy)).toMatchObject({ status: "busy" });
    },
  },
  "Worker Status Description › Worker Status › idle": {
    "is of a worker that has nothing to do": async ({ worker, workers: { idle } }) => {
      expect(await worker(idle)).toMatchObject({ status: "idle", current_jobs: [] });
    },
  },
  "Worker Status Description › Worker Status › suspended": {
    "is of a worker that was suspended": async ({ worker, workers: { suspended } }) => {
      expect(await worker(suspended)).toMatchObject({ status: "suspended", current_jobs: [] });
    },
  },
  "Worker Status Description › Worker Status › dead": {
    "is of a worker that was stopped": async ({ worker, workers: { dead } }) => {
      expect(await worker(dead)).toMatchObject({ status: "dead", current_jobs: [] });
    },
  },
  "Worker Status Description › Queue Types › FifoQ": {
    "is the queue of every FIFO worker and of a job sent to it": async ({ product, jobs: { fifo } }) => {
      const { body } = await product.get<WorkerView[]>("/worker?queue=FifoQ");
      expect(body.data.map(({ queues, host }) => ({ queues, host }))).toEqual(
        Array(FIFO_WORKERS).fill({ queues: ["FifoQ"], host: null }),
      );
      expect(fifo).toMatchObject({ queue: "FifoQ", status: "finished" });
      expect(body.data.map(({ name }) => name)).toContain(fifo.worker ?? "");
    },
  },
  "Worker Status Description › Queue Types › pinned_{device_host}": {
    "is the queue of one device, with its port where that is not the usual": async (scene) => {
      const { host, queue, port } = scene.devices.quick;
      expect(queue).toBe(`pinned_${host}:${port}`);
      expect(scene.jobs.finished.queue).toBe(queue);
      expect(await scene.worker(scene.workers.idle)).toMatchObject({ queues: [queue], host });
    },
  },
};
