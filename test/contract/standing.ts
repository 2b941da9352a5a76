import { expect } from "bun:test";
import type { JobView } from "../support/netpulse.ts";
import { type Device, type Stage, startStage, type Target } from "./stage.ts";

/** Offset of {@link startStanding}'s time zone, which has had no other since 1991. */
export const OFFSET = "+08:00";

/**
 * A product with jobs in all five statuses and workers in all four, which the tests only read. What is
 * true of it is known from how it was brought about.
 */
export interface Standing extends Stage {
  /** Every job there is, oldest first, as it was brought about. */
  readonly jobs: {
    /** Pinned, on {@link Standing.devices.quick}; the worker went on to do {@link later}. */
    finished: JobView;
    later: JobView;
    /** On the same device, through `FifoQ`. */
    fifo: JobView;
    suspended: JobView;
    interrupted: JobView;
    failed: JobView;
    started: JobView;
    queued: JobView;
    cancelled: JobView;
  };
  /** Names of workers by what they are. */
  readonly workers: { busy: string; idle: string; suspended: string; dead: string };
  readonly devices: { quick: Device; silent: Device; resting: Device; stopped: Device; absent: Target };
}

export async function startStanding(): Promise<Standing> {
  const stage = await startStage({ devices: 4, network: 11, env: { TZ: "Asia/Shanghai" } });
  try {
    return await populate(stage);
  } catch (error) {
    await stage.stop();
    throw error;
  }
}

async function populate(stage: Stage): Promise<Standing> {
  const { product } = stage;
  const quick = await stage.device();
  const finished = await quick.finished();
  const later = await quick.finished();
  const fifo = await product.ended((await quick.submit({ queue_strategy: "fifo" })).id);

  const resting = await stage.device();
  const suspended = await resting.suspended();
  const [atRest] = (await product.get(`/job?queue=${resting.queue}`)).body.data;

  const stopped = await stage.device();
  const { id, worker: dead } = await stopped.started();
  expect((await product.del(`/worker?queue=${stopped.queue}`)).status).toBe(200);
  const interrupted = await product.ended(id);

  const absent = await stage.absentDevice();
  const failed = await product.ended((await absent.submit()).id);

  const silent = await stage.device();
  const started = await silent.started();
  const queued = await silent.submit();
  const cancelled = await silent.submit();
  expect((await product.del(`/job?id=${cancelled.id}`)).status).toBe(200);

  return {
    ...stage,
    jobs: {
      ...{ finished, later, fifo, interrupted, failed, started },
      // Asked for again: the answer to a submission does not say what it waits for.
      queued: await stage.job(queued.id),
      suspended: given(atRest),
      cancelled: await stage.job(cancelled.id),
    },
    workers: {
      busy: given(started.worker),
      idle: given(finished.worker),
      suspended,
      dead: given(dead),
    },
    devices: { quick, silent, resting, stopped, absent },
  };
}

function given<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error("the scene is not complete");
  return value;
}
