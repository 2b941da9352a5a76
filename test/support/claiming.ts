import { expect } from "bun:test";
import { systemClock } from "../../src/core/clock.ts";
import { StorageError } from "../../src/core/errors.ts";
import { idSource } from "../../src/core/ids.ts";
import { FIFO_QUEUE, type Job } from "../../src/core/job.ts";
import { Dispatcher } from "../../src/engine/dispatcher.ts";
import type { Executor, RunEvents } from "../../src/engine/executor.ts";
import { noWork } from "../../src/engine/node-work.ts";
import { encodeOperation } from "../../src/engine/operation.ts";
import { Pulse } from "../../src/engine/pulse.ts";
import { sealer } from "../../src/engine/seal.ts";
import { newSlot, type Slot, Slots } from "../../src/engine/slot.ts";
import type { HeartbeatParams, HeartbeatResult, Storage, WorkerState } from "../../src/storage/storage.ts";
import { nodeReport } from "../../src/worker/node-report.ts";
import { sqliteBackend } from "../storage/sqlite/backend.ts";
import { FakeClock } from "./clock.ts";
import { Factory } from "./factory.ts";
import { NO_TEMPLATES } from "./no-templates.ts";
import { bind } from "./world.ts";

const seal = sealer(new Uint8Array(32).fill(3));

/** What becomes of one call on its way to the store and back. */
export type Fate =
  /** It does not get there. */
  | "lost"
  /** It is done, and its answer is lost. */
  | "unanswered"
  /** It gets there when this resolves. */
  | Promise<unknown>
  /** It is done at once, and its answer comes when this resolves. */
  | { answered: Promise<unknown> };

type Sent = "settle" | "claim";

/**
 * A dispatcher with workers on a real store, over a line that does to each call what the test says. `shards`: as many
 * as the dispatcher takes it to have.
 */
export async function claiming(workers = 1, { shards = 1 } = {}) {
  const backend = await sqliteBackend();
  const { storage } = backend;
  await storage.migrate();
  const clock = new FakeClock();
  const make = new Factory(storage);
  const node = await make.node();
  const slots = new Slots();
  const names: string[] = [];
  for (let n = 0; n < workers; n++) names.push((await make.worker({}, node)).name);
  for (const name of names) slots.add(newSlot({ name, kind: "fifo", queue: FIFO_QUEUE }, clock.monotonic()));
  const [first] = names;
  if (!first) throw new Error("there is no worker");

  const line = brokenLine(storage, shards);
  const errors: unknown[] = [];
  const runs = handRunExecutor();
  const giveUp = new AbortController();
  const work = noWork();
  const shared = {
    storage: line.storage,
    executor: runs.executor,
    clock,
    slots,
    lease: { leaseMs: 10_000, marginMs: 1_000 },
    node: node.name,
    incarnation: node.incarnation,
    work,
    onError: (error: unknown) => errors.push(error),
  };
  const pulse = new Pulse({
    ...shared,
    report: () => nodeReport(work, { idle: 0, displaced: 0 }),
    abortRequested: () => {},
    stopRequested: () => {},
    declaredLost: () => errors.push("the node was declared lost"),
  });
  const dispatcher = new Dispatcher({
    ...shared,
    sealer: seal,
    templating: NO_TEMPLATES,
    ids: idSource(systemClock),
    stopGraceMs: 3_000,
    retryDelayMs: () => 1_000,
    signal: giveUp.signal,
    adopt: () => {},
  });
  const unsubscribe = storage.subscribe((hint) => {
    if (hint.kind === "queued") dispatcher.queueReady(hint.queue);
  });

  async function submit(given: Parameters<Factory["newJob"]>[0] = {}): Promise<Job> {
    const job = make.newJob(given);
    const sealed = seal.seal(job.id, encodeOperation(OPERATION));
    const stored = await storage.enqueue({ jobs: [{ ...job, sealed }] });
    await clock.settle();
    if (stored.outcome !== "stored" || !stored.jobs[0]) throw new Error(stored.outcome);
    return stored.jobs[0];
  }

  async function dispose(): Promise<void> {
    unsubscribe();
    giveUp.abort();
    await dispatcher.stop();
    for (const run of slots.runs()) run.revoke();
    await Promise.all([...slots.runs()].map((run) => run.done));
    await backend.dispose();
    expect(errors).toEqual([]);
  }

  return {
    clock,
    storage,
    make,
    dispatcher,
    slots,
    node,
    line,
    worker: first,
    submit,
    /** A worker for the queue of one device. */
    async pin(queue: string): Promise<void> {
      const { name } = await make.worker({ queue }, node);
      slots.add(newSlot({ name, kind: "pinned", queue }, clock.monotonic()));
    },
    dispose,
    slot: (): Slot => {
      const slot = slots.get(first);
      if (!slot) throw new Error("the worker is gone");
      return slot;
    },
    /** Ids of the jobs that were started, in order; one that was started twice is there twice. */
    started: runs.started,
    /** Runs whose sessions were told that they may write for longer. */
    renewed: runs.renewed,
    errors,
    report: (state: WorkerState) => pulse.report(state),
    /** The device is through with the job; the store is done with what followed at once. */
    async end(job: Job): Promise<void> {
      runs.end(job.id);
      await clock.settle();
    },
    /** The session host cannot take the job after all. */
    async handBack(job: Job): Promise<void> {
      runs.refuse(job.id);
      await clock.settle();
    },
    beat: () => pulse.beat(),
    /** Several devices are through at the same moment. */
    async endAll(jobs: Job[]): Promise<void> {
      for (const { id } of jobs) runs.end(id);
      await clock.settle();
    },
    status: async ({ id }: Job) => (await storage.get({ ids: [id] }))[0]?.status,
  };
}

const OPERATION = {
  driver: "scripted",
  connectionArgs: { host: "10.0.0.1" },
  driverArgs: {},
  operation: { kind: "command" as const, commands: ["show version"] },
  credentials: null,
  hopCredentials: null,
  lineRules: null,
  maskOutput: false,
  secrets: [],
};

function brokenLine(storage: Storage, shards: number) {
  const calls: string[] = [];
  const fates: Record<Sent, Fate[]> = { settle: [], claim: [] };
  const beats: HeartbeatParams[] = [];
  const away: Pick<HeartbeatResult, "unanswered">[] = [];

  async function carry<R>(kind: Sent, call: () => Promise<R>): Promise<R> {
    calls.push(kind);
    const fate = fates[kind].shift();
    if (fate === "lost") throw new StorageError("unavailable", "it did not get there");
    if (fate instanceof Promise) await fate;
    const answer = await call();
    if (typeof fate === "object" && "answered" in fate) await fate.answered;
    calls.push(`${kind} answered`);
    if (fate === "unanswered") throw new StorageError("unavailable", "no answer");
    return answer;
  }

  return {
    /** What was sent and answered, in order. */
    calls,
    /** What becomes of the next calls of a kind, one after the other. */
    next(kind: Sent, ...become: Fate[]): void {
      fates[kind].push(...become);
    },
    /** Heartbeats, as they were sent. */
    beats,
    /** What the next heartbeats are answered beside all else. */
    away,
    sent: (kind: Sent) => calls.filter((call) => call === kind).length,
    storage: {
      ...bind(storage),
      info: { ...storage.info, shards },
      settle: (params) => carry("settle", () => storage.settle(params)),
      claim: (params) => carry("claim", () => storage.claim(params)),
      heartbeat: async (params) => {
        beats.push(params);
        return { ...(await storage.heartbeat(params)), ...away.shift() };
      },
    } satisfies Storage,
  };
}

/** Runs end when the test says so. */
function handRunExecutor() {
  const started: string[] = [];
  const renewed: string[] = [];
  const events = new Map<string, RunEvents>();
  const nothing = () => {};
  const executor: Executor = {
    open: () => ({ pid: 1 }),
    isReady: () => true,
    close: nothing,
    run({ run }, told) {
      const id = run.slice(0, run.lastIndexOf("#"));
      started.push(id);
      events.set(id, told);
    },
    abort: nothing,
    recall: nothing,
    renew: (runs) => void renewed.push(...runs),
    credit: nothing,
    probe: async () => {},
    memory: () => ({}),
    onWorkerState: nothing,
    start: async () => {},
    stop: async () => {},
  };
  function take(id: string): RunEvents {
    const told = events.get(id);
    if (!told) throw new Error(`${id} was not started`);
    events.delete(id);
    return told;
  }

  return {
    executor,
    started,
    renewed,
    end: (id: string) => take(id).ended(null),
    refuse: (id: string) => take(id).notStarted(),
  };
}
