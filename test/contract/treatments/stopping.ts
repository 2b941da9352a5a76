import { expect } from "bun:test";
import type { Envelope, JobView, WorkerView } from "../../support/netpulse.ts";
import { call, runPython } from "../python.ts";
import { departures, exampleOf } from "../shape.ts";
import { jsonValues, runBash } from "../shell.ts";
import { type Device, NODE, type Stage } from "../stage.ts";
import { type BlockTreatments, block, type EntryTreatments } from "../treatment.ts";
import { namesOf } from "../truth.ts";
import { stepOf } from "./job-programs.ts";

interface Stopped extends Envelope<string[]> {
  details: { worker: string; status: string; interrupted_jobs: number }[];
}

/** Devices with a worker each, which has nothing to do. */
async function idleWorkers(stage: Stage, count: number): Promise<{ device: Device; name: string }[]> {
  const workers: { device: Device; name: string }[] = [];
  while (workers.length < count) {
    const device = await stage.device();
    workers.push({ device, name: (await device.finished()).worker ?? "" });
  }
  return workers;
}

async function statusesOf(stage: Stage, names: string[]): Promise<(string | undefined)[]> {
  return await Promise.all(names.map(async (name) => (await stage.worker(name))?.status));
}

/** That the filter stops the first of three workers and no other. */
async function expectStopsOne(stage: Stage, filter: (worker: { device: Device; name: string }) => string) {
  const [one, ...others] = (await idleWorkers(stage, 3)) as [Named, Named, Named];
  const { status, body } = await stage.product.del<string[]>(`/worker?${filter(one)}`);
  expect(status).toBe(200);
  expect(body.data).toEqual([one.name]);
  expect(await statusesOf(stage, [one.name, ...namesOfAll(others)])).toEqual(["dead", "idle", "idle"]);
}

type Named = { device: Device; name: string };
const namesOfAll = (workers: Named[]) => workers.map(({ name }) => name);

export const STOPPING: BlockTreatments<Stage> = {
  "API Endpoints › DELETE /worker › bash 1": {
    "stops the worker": async (stage, { text }) => {
      const [one, other] = (await idleWorkers(stage, 2)) as [Named, Named];
      const { stdout } = await runBash(stage.fill(text, { worker_001: one.name }));
      expect(jsonValues(stdout)).toEqual([
        expect.objectContaining({ code: 200, message: "success", data: [one.name] }),
      ]);
      expect(await statusesOf(stage, [one.name, other.name])).toEqual(["dead", "idle"]);
    },
  },
  "API Endpoints › DELETE /worker › json 1": {
    "is the answer: the names of the stopped workers": async (stage, part) => {
      const [{ name }] = (await idleWorkers(stage, 1)) as [Named];
      const { body } = await stage.product.del<string[]>(`/worker?name=${name}`);
      expect(departures(exampleOf(part), body)).toEqual([]);
      expect(body).toMatchObject({ code: 200, message: "success", data: [name] });
    },
  },
  // The document shows two answers to one request. Its note under the first says that `data` is the list
  // of names; what the second shows is answered beside it, for each worker.
  "Response Model Details › DeleteWorkerResponse › json 1": {
    "is what is said of every stopped worker in `details`": async (stage, part) => {
      const { id, worker } = await (await stage.device()).started();
      const { body } = await stage.product.del<string[]>(`/worker?name=${worker}`);
      const example = exampleOf(part) as { data: unknown };
      const { details } = body as Stopped;
      expect(details.flatMap((detail) => departures(example.data, detail))).toEqual([]);
      expect(details).toHaveLength(1);
      expect(details).toMatchObject([{ worker: worker ?? "", status: "stopped", interrupted_jobs: 1 }]);
      expect(await stage.product.ended(id)).toMatchObject({
        status: "failed",
        result: { type: "stopped", error: { type: "WorkerStopped" } },
      });
    },
    "counts no job for a worker that had none": async (stage) => {
      const [{ name }] = (await idleWorkers(stage, 1)) as [Named];
      const { body } = await stage.product.del<string[]>(`/worker?name=${name}`);
      expect((body as Stopped).details).toMatchObject([
        { worker: name, status: "stopped", interrupted_jobs: 0 },
      ]);
    },
  },
  "Worker Management Examples › 2. Terminate Worker › python 1": {
    "stops the first worker of the list": async (stage, part) => {
      const query = stepOf(
        stage,
        block("Worker Management Examples › 1. Query Worker Status › python 1"),
        {},
      );
      await idleWorkers(stage, 1);
      const outcomes = await runPython([
        query,
        stepOf(stage, part, {}),
        { value: "workers[0]['name']" },
        { value: "worker_name" },
      ]);
      expect(outcomes.map(({ raised }) => raised)).toEqual([null, null, null, null]);
      const [first, stopped] = outcomes.slice(2).map(({ returned }) => returned as string);
      expect(stopped).toBe(first);
      expect(await statusesOf(stage, [stopped ?? ""])).toEqual(["dead"]);
    },
    "stops by name, by queue and by host, and says whether it did": async (stage, part) => {
      const workers = await idleWorkers(stage, 4);
      const { body } = await stage.product.get<WorkerView[]>("/worker");
      // The block itself stops the first of the list.
      const others = workers.filter(({ name }) => name !== body.data[0]?.name);
      const [byName, byQueue, byHost] = others as [Named, Named, Named];
      const outcomes = await runPython([
        stepOf(stage, block("Worker Management Examples › 1. Query Worker Status › python 1"), {}),
        stepOf(stage, part, {}),
        call("terminate_worker", [byName.name]),
        call("terminate_workers_by_queue", [byQueue.device.queue]),
        call("terminate_workers_by_host", [byHost.device.host]),
        call("terminate_worker", ["no-such-worker"]),
      ]);
      expect(outcomes.slice(2).map(({ returned }) => returned)).toEqual([true, true, true, false]);
      expect(await statusesOf(stage, namesOfAll([byName, byQueue, byHost]))).toEqual([
        "dead",
        "dead",
        "dead",
      ]);
    },
  },
};

export const STOP_FILTERS: EntryTreatments<Stage> = {
  "API Endpoints › DELETE /worker › name": {
    "stops the one worker": (stage) => expectStopsOne(stage, ({ name }) => `name=${name}`),
    "comes before every other filter": (stage) =>
      expectStopsOne(stage, ({ name }) => `name=${name}&queue=FifoQ&host=nowhere`),
    "interrupts what runs": async (stage) => {
      const { id, worker } = await (await stage.device()).started();
      await stage.product.del(`/worker?name=${worker}`);
      expect((await stage.product.ended(id)).result).toMatchObject({ type: "stopped" });
    },
  },
  "API Endpoints › DELETE /worker › queue": {
    "stops the queue's worker": (stage) => expectStopsOne(stage, ({ device }) => `queue=${device.queue}`),
  },
  "API Endpoints › DELETE /worker › host": {
    "stops the device's worker": (stage) => expectStopsOne(stage, ({ device }) => `host=${device.host}`),
  },
  "API Endpoints › DELETE /worker › node": {
    "stops the node's workers and no other's": async (stage) => {
      const [{ name }] = (await idleWorkers(stage, 1)) as [Named];
      await stage.product.del("/worker?node=elsewhere");
      expect(await statusesOf(stage, [name])).toEqual(["idle"]);
      const { body: before } = await stage.product.get<WorkerView[]>(`/worker?node=${NODE}`);
      const living = before.data.filter(({ status }) => status !== "dead");
      const { status, body } = await stage.product.del<string[]>(`/worker?node=${NODE}`);
      expect(status).toBe(200);
      expect(body.data.toSorted()).toEqual(namesOf(living));
      expect(new Set(await statusesOf(stage, body.data))).toEqual(new Set(["dead"]));
    },
    "leaves a product that goes on working": async (stage) => {
      await stage.product.del(`/worker?node=${NODE}`);
      const job: JobView = await (await stage.device()).finished();
      expect((await stage.worker(job.worker ?? ""))?.status).toBe("idle");
    },
  },
};
