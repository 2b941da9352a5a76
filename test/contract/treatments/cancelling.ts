import { expect } from "bun:test";
import type { Envelope, JobView } from "../../support/netpulse.ts";
import type { Block } from "../document.ts";
import { lastOf } from "../python.ts";
import { departures, exampleOf } from "../shape.ts";
import { jsonValues, runBash } from "../shell.ts";
import type { Device, Stage } from "../stage.ts";
import type { BlockTreatments, Cases, EntryTreatments } from "../treatment.ts";
import { idsOf } from "../truth.ts";
import { firstExample, stepOf } from "./job-programs.ts";

interface Cancelled {
  cancelled_count: number;
  cancelled_jobs: string[];
}

/** A device that is busy with one job, and more that wait behind it. */
async function busyDevice(
  stage: Stage,
  waiting: number,
): Promise<{ device: Device; started: JobView; queued: JobView[] }> {
  const device = await stage.device();
  const started = await device.started();
  const queued: JobView[] = [];
  while (queued.length < waiting) queued.push(await device.submit());
  return { device, started, queued };
}

async function expectCancelled(stage: Stage, answer: Envelope<Cancelled>, jobs: JobView[]): Promise<void> {
  expect({ ...answer.data, cancelled_jobs: answer.data.cancelled_jobs.toSorted() }).toEqual({
    cancelled_count: jobs.length,
    cancelled_jobs: idsOf(jobs).toSorted(),
  });
  for (const { id } of jobs) {
    expect(await stage.job(id)).toMatchObject({ status: "cancelled", started_at: null, worker: null });
  }
}

async function expectStatus(stage: Stage, { id }: JobView, status: JobView["status"]): Promise<void> {
  expect((await stage.job(id)).status).toBe(status);
}

const CANCEL_ANSWERS: Cases<Stage, Block> = {
  "is the answer, with every cancelled job": async (stage, block) => {
    const { device, started, queued } = await busyDevice(stage, 3);
    const { status, body } = await stage.product.del<Cancelled>(`/job?queue=${device.queue}`);
    expect(status).toBe(200);
    expect(departures(exampleOf(block), body)).toEqual([]);
    expect(body).toMatchObject({ code: 200, message: "success" });
    await expectCancelled(stage, body, queued);
    await expectStatus(stage, started, "started");
  },
};

/** Keeps jobs in `FifoQ` while `run` looks at them. */
async function whileFifoIsSuspended(stage: Stage, run: () => Promise<void>): Promise<void> {
  expect((await stage.product.post("/worker/suspend?queue=FifoQ", undefined)).status).toBe(200);
  try {
    await run();
  } finally {
    await stage.product.post("/worker/resume?queue=FifoQ", undefined);
  }
}

export const CANCELLING: BlockTreatments<Stage> = {
  "API Endpoints › DELETE /job › bash 1": {
    "cancels the job, then its queue's, then its host's": async (stage, { text }) => {
      const one = await busyDevice(stage, 3);
      const other = await busyDevice(stage, 1);
      await whileFifoIsSuspended(stage, async () => {
        const fifo = await other.device.submit({ queue_strategy: "fifo" });
        const [first, ...rest] = one.queued;
        const { stdout } = await runBash(
          stage.fill(text, {
            job_123456: first?.id ?? "",
            "pinned_192.168.1.1": one.device.queue,
            "192.168.1.1": other.device.host,
          }),
        );
        const answers = jsonValues(stdout) as Envelope<Cancelled>[];
        expect(answers.map(({ data }) => data.cancelled_count)).toEqual([1, 2, 2]);
        const expected = [one.queued.slice(0, 1), rest, [...other.queued, fifo]];
        for (const [index, answer] of answers.entries()) {
          await expectCancelled(stage, answer, expected[index] ?? []);
        }
      });
      await expectStatus(stage, one.started, "started");
      await expectStatus(stage, other.started, "started");
    },
  },
  "API Endpoints › DELETE /job › json 1": CANCEL_ANSWERS,
  "Response Model Details › DeleteJobResponse › json 1": CANCEL_ANSWERS,
  "Usage Examples › 3. Cancel Job › python 1": {
    "prints that one job was cancelled": async (stage, part) => {
      const { queued } = await busyDevice(stage, 2);
      const [first, second] = queued as [JobView, JobView];
      const finished = await (await stage.device()).finished();
      const steps = [firstExample(stage, finished), stepOf(stage, part, { job_123456: first.id })];
      expect(await lastOf(steps)).toMatchObject({ raised: null, printed: "Cancelled job count: 1\n" });
      await expectStatus(stage, first, "cancelled");
      await expectStatus(stage, second, "queued");
    },
    "prints nothing for what has started, and leaves it alone": async (stage, part) => {
      const { started } = await busyDevice(stage, 0);
      const finished = await (await stage.device()).finished();
      for (const job of [started, finished]) {
        const steps = [firstExample(stage, finished), stepOf(stage, part, { job_123456: job.id })];
        expect(await lastOf(steps)).toMatchObject({ raised: null, printed: "" });
        await expectStatus(stage, job, job.status);
      }
    },
  },
};

export const CANCEL_FILTERS: EntryTreatments<Stage> = {
  "API Endpoints › DELETE /job › id": {
    "cancels the one job": async (stage) => {
      const { queued } = await busyDevice(stage, 2);
      const [first, second] = queued as [JobView, JobView];
      const { body } = await stage.product.del<Cancelled>(`/job?id=${first.id}`);
      await expectCancelled(stage, body, [first]);
      await expectStatus(stage, second, "queued");
    },
    "refuses what has started, has ended or is unknown": async (stage) => {
      const { started } = await busyDevice(stage, 0);
      const finished = await (await stage.device()).finished();
      const statuses = [started.id, finished.id, "job_000000"].map(
        async (id) => (await stage.product.del(`/job?id=${id}`)).status,
      );
      expect(await Promise.all(statuses)).toEqual([409, 409, 404]);
      await expectStatus(stage, started, "started");
      await expectStatus(stage, finished, "finished");
    },
  },
  "API Endpoints › DELETE /job › queue": {
    "cancels what waits in the queue, and nothing elsewhere": async (stage) => {
      const one = await busyDevice(stage, 2);
      const other = await busyDevice(stage, 1);
      const { body } = await stage.product.del<Cancelled>(`/job?queue=${one.device.queue}`);
      await expectCancelled(stage, body, one.queued);
      await expectStatus(stage, one.started, "started");
      for (const job of other.queued) await expectStatus(stage, job, "queued");
    },
    "cancels none where none waits": async (stage) => {
      const { device } = await busyDevice(stage, 0);
      const { status, body } = await stage.product.del<Cancelled>(`/job?queue=${device.queue}`);
      expect(status).toBe(200);
      expect(body.data).toEqual({ cancelled_count: 0, cancelled_jobs: [] });
    },
  },
  "API Endpoints › DELETE /job › host": {
    "cancels what waits for the device, and nothing elsewhere": async (stage) => {
      const one = await busyDevice(stage, 2);
      const other = await busyDevice(stage, 1);
      const { body } = await stage.product.del<Cancelled>(`/job?host=${one.device.host}`);
      await expectCancelled(stage, body, one.queued);
      await expectStatus(stage, one.started, "started");
      for (const job of other.queued) await expectStatus(stage, job, "queued");
    },
  },
};
