import { expect } from "bun:test";
import { hostname } from "node:os";
import type { Envelope, JobView, WorkerView } from "../../support/netpulse.ts";
import type { Block } from "../document.ts";
import { departures, exampleOf } from "../shape.ts";
import { jsonValues, runBash } from "../shell.ts";
import { OFFSET, type Standing } from "../standing.ts";
import type { BlockTreatments, Cases } from "../treatment.ts";
import { expectTimesOf, idsOf, instant, namesOf, newestFirst, parentOf } from "../truth.ts";

/** What no job of a status has yet, or ever: `null` in its answers. */
const ABSENT = {
  queued: ["started_at", "ended_at", "worker", "result", "duration", "queue_time"],
  started: ["ended_at", "result", "duration"],
  finished: [],
  failed: [],
  cancelled: ["started_at", "worker", "result", "duration", "queue_time"],
} satisfies Record<JobView["status"], (keyof JobView)[]>;

const JOB_ANSWERS: Cases<Standing, Block> = {
  "is how finished jobs are answered": async (scene, block) => {
    const { body } = await scene.product.get("/job?status=finished");
    expect(departures(exampleOf(block), body)).toEqual([]);
    expect(envelopeOf(body)).toEqual(envelopeOf(JSON.parse(block.text)));
    expect(body.data).toHaveLength(4);
    for (const job of body.data) {
      expect(job).toMatchObject({ status: "finished", result: { type: "success", error: null } });
      expect(job.result?.retval).toContain("Version");
    }
  },
  "has times in the configured zone that follow each other and make the durations": async (scene) => {
    const { finished, later, fifo, failed, interrupted } = scene.jobs;
    for (const job of [finished, later, fifo, failed, interrupted]) {
      expectTimesOf(job, scene);
      for (const time of [job.created_at, job.enqueued_at, job.started_at, job.ended_at]) {
        expect(time).toEndWith(OFFSET);
      }
    }
  },
  "is how jobs of every other status are answered, with null for what they have not": async (
    scene,
    block,
  ) => {
    for (const status of ["queued", "started", "failed", "cancelled"] as const) {
      const { body } = await scene.product.get(`/job?status=${status}`);
      const absent: string[] = ABSENT[status];
      const mayBeNull = [...absent, "result.retval"].map((name) => `data.[].${name}`);
      expect(departures(exampleOf(block), body, mayBeNull)).toEqual([]);
      expect(body.data.length).toBeGreaterThan(0);
      for (const job of body.data) {
        expect(job.status).toBe(status);
        expect(Object.fromEntries(absent.map((name) => [name, job[name as keyof JobView]]))).toEqual(
          Object.fromEntries(absent.map((name) => [name, null])),
        );
      }
    }
  },
  "says of failed jobs why": async ({ jobs: { failed, interrupted }, devices: { absent } }) => {
    expect(failed.result).toMatchObject({ type: "failed", retval: null, error: { type: "ConnectionError" } });
    for (const where of [absent.host, String(absent.port)]) {
      expect(failed.result?.error?.message).toContain(where);
    }
    expect(interrupted.result).toMatchObject({ type: "stopped", error: { type: "WorkerStopped" } });
  },
};

const WORKER_ANSWERS: Cases<Standing, Block> = {
  "is how workers of all statuses are answered": async (scene, block) => {
    const { body } = await scene.product.get<WorkerView[]>("/worker");
    expect(departures(exampleOf(block), body)).toEqual([]);
    expect(envelopeOf(body)).toEqual(envelopeOf(JSON.parse(block.text)));
    const statuses = Object.fromEntries(body.data.map(({ name, status }) => [name, status]));
    const { busy, idle, suspended, dead } = scene.workers;
    expect(statuses).toMatchObject({
      ...{ [busy]: "busy", [idle]: "idle", [suspended]: "suspended", [dead]: "dead" },
    });
  },
  "names processes of this product on this machine": async ({ product }) => {
    const { body } = await product.get<WorkerView[]>("/worker");
    for (const { hostname: host, pid, status } of body.data) {
      expect(host).toBe(hostname());
      if (status !== "dead") expect(await parentOf(pid)).toBe(product.pid);
    }
  },
  "has heart-beats and births in the configured zone": async ({ product, since }) => {
    const { body } = await product.get<WorkerView[]>("/worker");
    for (const { birth_at, last_heartbeat } of body.data) {
      expect([birth_at, last_heartbeat]).toEqual(
        [birth_at, last_heartbeat].map(() => expect.stringMatching(/\+08:00$/)),
      );
      expect(instant(birth_at)).toBeGreaterThanOrEqual(since);
      expect(instant(last_heartbeat)).toBeGreaterThanOrEqual(instant(birth_at));
      expect(instant(last_heartbeat)).toBeLessThanOrEqual(Date.now());
    }
  },
  "counts the jobs each has done": async (scene) => {
    const { idle, suspended, dead, busy } = scene.workers;
    const { body } = await scene.product.get<WorkerView[]>("/worker");
    const counts = Object.fromEntries(
      body.data.map((worker) => [worker.name, [worker.successful_job_count, worker.failed_job_count]]),
    );
    expect(counts).toMatchObject({ [idle]: [2, 0], [suspended]: [1, 0], [dead]: [0, 1], [busy]: [0, 0] });
    const fifo = body.data.filter(({ queues }) => queues.includes("FifoQ"));
    expect(fifo.reduce((sum, worker) => sum + worker.successful_job_count, 0)).toBe(1);
  },
};

export const LISTS: BlockTreatments<Standing> = {
  "API Endpoints › GET /job › bash 1": {
    "lists the job, its queue's, the finished ones and its host's, newest first": async (scene, { text }) => {
      const { finished, later, fifo, suspended } = scene.jobs;
      const ran = await runBash(
        scene.fill(text, {
          job_123456: finished.id,
          "pinned_192.168.1.1": finished.queue,
          "192.168.1.1": finished.host,
        }),
      );
      const answers = jsonValues(ran.stdout) as Envelope<JobView[]>[];
      expect(answers.map(({ data }) => idsOf(data))).toEqual([
        [finished.id],
        newestFirst(finished, later),
        newestFirst(finished, later, fifo, suspended),
        newestFirst(finished, later, fifo),
      ]);
    },
  },
  "API Endpoints › GET /job › json 1": JOB_ANSWERS,
  "Response Model Details › GetJobResponse › json 1": JOB_ANSWERS,
  "API Endpoints › GET /worker › bash 1": {
    "lists the workers of all four statuses": async (scene, { text }) => {
      const { stdout } = await runBash(scene.fill(text));
      const [answer] = jsonValues(stdout) as [Envelope<WorkerView[]>];
      expect(namesOf(answer.data)).toEqual(expect.arrayContaining(Object.values(scene.workers)));
    },
  },
  "API Endpoints › GET /worker › json 1": WORKER_ANSWERS,
  "Response Model Details › GetWorkerResponse › json 1": WORKER_ANSWERS,
};

function envelopeOf({ code, message }: Envelope<unknown>) {
  return { code, message };
}
