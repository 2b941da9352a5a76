import type { JobError, JobStatus } from "../../../src/core/job.ts";
import {
  ABORTED,
  type Claim,
  failed,
  type NewJob,
  type RunOutcome,
  released,
  retryLater,
  succeeded,
} from "../../../src/storage/storage.ts";
import { bytes, DEVICE_AWAY, EXPIRED, HOUR, LOST, SECOND, T0 } from "../../support/factory.ts";
import type { Fixture } from "./fixture.ts";

export interface Way {
  status: JobStatus;
  way: string;
  /** Brings a job into the status that way, at {@link T0}; returns its id. */
  take(fixture: Fixture, given?: Partial<NewJob>): Promise<string>;
}

const TIMED_OUT: JobError = { type: "TimeoutError", message: "no prompt in 30 s", retryable: true };

/** Every way in which a job may have come into its status. */
export const WAYS: Way[] = [
  { status: "queued", way: "as it was submitted", take: queued({}) },
  { status: "queued", way: "waiting for its moment", take: queued({ runAt: T0 + HOUR }) },
  { status: "queued", way: "past its TTL", take: queued({ ttlMs: 0 }) },
  { status: "queued", way: "handed back", take: settled(released()) },
  { status: "queued", way: "to be retried", take: settled(retryLater(DEVICE_AWAY, 0)) },
  { status: "queued", way: "to be retried later", take: settled(retryLater(DEVICE_AWAY, HOUR)) },
  { status: "queued", way: "reaped, to be run again", take: reaped({ retries: 1 }) },
  { status: "started", way: "for the first time", take: async (...on) => (await run(...on)).token.id },
  { status: "started", way: "once more after a retry", take: startedAgain },
  { status: "started", way: "on a worker that has died", take: onDeadWorker },
  {
    status: "started",
    way: "with its abort asked for",
    take: async (...on) => (await aborting(...on)).token.id,
  },
  { status: "finished", way: "with success", take: settled(succeeded()) },
  { status: "finished", way: "before its abort came", take: abortedAs(succeeded()) },
  { status: "failed", way: "by a failure", take: settled(failed(DEVICE_AWAY)) },
  { status: "failed", way: "by its time-out", take: settled(failed(TIMED_OUT)) },
  {
    status: "failed",
    way: "without an attempt left",
    take: settled(retryLater(DEVICE_AWAY, 0), { retries: 0 }),
  },
  { status: "failed", way: "by its abort", take: abortedAs(failed(ABORTED)) },
  { status: "failed", way: "handed back when its abort was asked for", take: abortedAs(released()) },
  { status: "failed", way: "reaped", take: reaped({ retries: 0 }) },
  { status: "failed", way: "expired", take: expired },
  { status: "cancelled", way: "by its id", take: cancelled },
  { status: "cancelled", way: "by a filter", take: cancelledByFilter },
  { status: "cancelled", way: "after it was handed back", take: cancelledAfterRun },
];

export const ENDS = WAYS.filter(({ status }) => status !== "queued" && status !== "started");

function queued(own: Partial<NewJob>): Way["take"] {
  return async ({ make }, given) => (await make.queued({ ...given, ...own })).id;
}

/** A run of the job, in a queue of its own, that has printed something. */
async function run({ storage, make }: Fixture, given: Partial<NewJob> = {}): Promise<Claim> {
  const claim = await make.started({ queue: make.name("queue"), retries: 1, ...given });
  await storage.appendOutput({ token: claim.token, offset: 0, bytes: bytes("so far") });
  return claim;
}

function settled(outcome: RunOutcome, own: Partial<NewJob> = {}): Way["take"] {
  return async (fixture, given) => {
    const { token } = await run(fixture, { ...given, ...own });
    await fixture.make.settle(token, outcome, { tail: ", and so on", tailOffset: 6 });
    return token.id;
  };
}

async function startedAgain(fixture: Fixture, given?: Partial<NewJob>): Promise<string> {
  const { make } = fixture;
  const { token, job } = await run(fixture, given);
  await make.settle(token, retryLater(DEVICE_AWAY, 0));
  return (await make.mustClaim(await make.worker({ queue: job.queue, kind: "fifo" }))).token.id;
}

async function onDeadWorker(fixture: Fixture, given?: Partial<NewJob>): Promise<string> {
  const { token, worker } = await run(fixture, given);
  await fixture.storage.endWorker({ name: worker, as: "dead", now: T0 });
  return token.id;
}

async function aborting(fixture: Fixture, given?: Partial<NewJob>): Promise<Claim> {
  const claim = await run(fixture, given);
  const { storage, make } = fixture;
  await storage.cancel({ op: make.op(), id: claim.token.id, abort: true, now: T0 });
  return claim;
}

function abortedAs(outcome: RunOutcome): Way["take"] {
  return async (fixture, given) => {
    const { token } = await aborting(fixture, given);
    await fixture.make.settle(token, outcome);
    return token.id;
  };
}

function reaped(own: Partial<NewJob>): Way["take"] {
  return async (fixture, given) => {
    const { token } = await run(fixture, { ...given, ...own });
    const leases = (await fixture.storage.leases()).filter((lease) => lease.token.id === token.id);
    await fixture.storage.reap({ leases, error: LOST, now: T0 });
    return token.id;
  };
}

async function expired({ storage, make }: Fixture, given?: Partial<NewJob>): Promise<string> {
  const { id } = await make.queued({ ...given, ttlMs: SECOND }, T0 - SECOND);
  await storage.expire({ max: 1_000, error: EXPIRED, now: T0 });
  return id;
}

async function cancelled({ storage, make }: Fixture, given?: Partial<NewJob>): Promise<string> {
  const { id } = await make.queued(given);
  await storage.cancel({ op: make.op(), id, abort: false, now: T0 });
  return id;
}

async function cancelledByFilter({ storage, make }: Fixture, given?: Partial<NewJob>): Promise<string> {
  const queue = make.name("queue");
  const { id } = await make.queued({ ...given, queue });
  await storage.cancelQueued({ op: make.op(), filter: { queue }, now: T0 });
  return id;
}

async function cancelledAfterRun(fixture: Fixture, given?: Partial<NewJob>): Promise<string> {
  const { storage, make } = fixture;
  const { token } = await run(fixture, given);
  await make.settle(token, released());
  await storage.cancel({ op: make.op(), id: token.id, abort: false, now: T0 });
  return token.id;
}
