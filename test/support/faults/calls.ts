import type { JobStatus, RunToken } from "../../../src/core/job.ts";
import {
  type CancelOutcome,
  failed,
  type NewJob,
  type RunOutcome,
  released,
  retryLater,
  type SettleOutcome,
  type Storage,
  succeeded,
} from "../../../src/storage/storage.ts";
import { bytes, DEVICE_AWAY, HOUR, MINUTE } from "../factory.ts";

/** What is needed to make one job again, exactly. */
export interface JobSpec {
  id: string;
  queue: string;
  retries: number;
  batchId: string | null;
  lane: string;
  createdAt: number;
  /** How long it may not start yet. */
  delayMs: number;
}

export type Ending = "succeed" | "fail" | "retry" | "release";

export interface SettleSpec {
  token: RunToken;
  offset: number;
  tail: string;
  ending: Ending;
}

/** A call to a store as it is written down: with its operation id, so that it can be made again. */
export type Call =
  | { kind: "enqueue"; jobs: JobSpec[] }
  | {
      kind: "claim";
      op: string;
      node: string;
      incarnation: string;
      requests: { worker: string; queue: string }[];
      now?: number;
    }
  | { kind: "append"; token: RunToken; offset: number; text: string }
  | { kind: "settle"; settlements: SettleSpec[] }
  | { kind: "cancel"; op: string; id: string; abort: boolean }
  | { kind: "cancelQueued"; op: string; batchId: string };

/** What the store answered, as far as it says something about jobs. */
export interface Answers {
  enqueue: { id: string; status: JobStatus }[];
  claim: { token: RunToken; worker: string; attempts: number }[];
  append: "ok" | "already" | "lost";
  settle: SettleOutcome[];
  cancel: CancelOutcome;
  cancelQueued: string[];
}

export type Answer<K extends Call["kind"] = Call["kind"]> = Answers[K];
export type CallOf<K extends Call["kind"]> = Extract<Call, { kind: K }>;

type Makers = { [K in Call["kind"]]: (storage: Storage, call: CallOf<K>) => Promise<Answers[K]> };

const MAKERS: Makers = {
  async enqueue(storage, { jobs }) {
    const result = await storage.enqueue({ jobs: jobs.map(newJob) });
    if (result.outcome !== "stored") throw new Error(`enqueue without a key: ${result.outcome}`);
    return result.jobs.map(({ id, status }) => ({ id, status }));
  },
  async claim(storage, { kind: _kind, ...params }) {
    const claims = await storage.claim(params);
    return claims.map(({ token, worker, job }) => ({ token, worker, attempts: job.attempts }));
  },
  append: (storage, { token, offset, text }) => storage.appendOutput({ token, offset, bytes: bytes(text) }),
  settle: (storage, { settlements }) =>
    storage.settle({
      settlements: settlements.map(({ token, offset, tail, ending }) => ({
        token,
        tailOffset: offset,
        tail: bytes(tail),
        outcome: ENDINGS[ending],
      })),
    }),
  cancel: (storage, { op, id, abort }) => storage.cancel({ op, id, abort }),
  cancelQueued: async (storage, { op, batchId }) =>
    (await storage.cancelQueued({ op, filter: { batchId } })).ids,
};

/** The retry's pause, ms: short, so that the loop meets the job again. */
const RETRY_MS = 2;

const ENDINGS: Record<Ending, RunOutcome> = {
  succeed: succeeded(),
  fail: failed(DEVICE_AWAY),
  retry: retryLater(DEVICE_AWAY, RETRY_MS),
  release: released(),
};

/** Makes the call, for the first time or again. */
export function make<K extends Call["kind"]>(storage: Storage, call: CallOf<K>): Promise<Answers[K]> {
  // Safe: the maker is looked up by the very kind of the call.
  const maker = MAKERS[call.kind] as (storage: Storage, call: CallOf<K>) => Promise<Answers[K]>;
  return maker(storage, call);
}

function newJob(spec: JobSpec): NewJob {
  return {
    id: spec.id,
    queue: spec.queue,
    sealed: bytes(`sealed operation of ${spec.id}`),
    driver: "cli",
    host: spec.queue,
    site: null,
    batchId: spec.batchId,
    command: ["show version"],
    retvalShape: "text",
    priority: 0,
    lane: spec.lane,
    runAt: spec.delayMs > 0 ? spec.createdAt + spec.delayMs : null,
    ttlMs: null,
    resultTtlMs: 24 * HOUR,
    executionTimeoutMs: MINUTE,
    retries: spec.retries,
    createdAt: spec.createdAt,
    idempotency: null,
  };
}
