import { describe, expect, test } from "bun:test";
import {
  failed,
  HELD,
  type RunOutcome,
  released,
  retryLater,
  succeeded,
} from "../../../src/storage/storage.ts";
import type { Store } from "../../../src/storage/store.ts";
import { bytes, DEVICE_AWAY, EXPIRED, LOST, MINUTE, SECOND, T0 } from "../../support/factory.ts";
import { BATCH } from "./batches.ts";
import type { Fixture, Setup } from "./fixture.ts";
import { snapshot } from "./snapshot.ts";

/** One call, to be made through any connection at any time. */
type Call = (store: Store, now: number) => Promise<unknown>;

interface Repeatable {
  call: string;
  prepare(fixture: Fixture): Promise<Call>;
  /** What a repeat answers, where it is not the first answer. */
  again?: unknown;
}

const KEY = { scope: "alice", key: "order-1", fingerprint: "body-1" };
const DEVICE = { site: null, host: "10.0.0.1", port: 22 };

/** Every call that changes something. */
const CALLS: Repeatable[] = [
  {
    call: "enqueue",
    async prepare({ make }) {
      const jobs = [make.newJob({ queue: "pinned_a" }), make.newJob(), make.newJob({ ttlMs: MINUTE })];
      return (store, now) => store.enqueue({ jobs, now });
    },
  },
  {
    call: "enqueue under a key",
    async prepare({ make }) {
      const jobs = [make.newJob({ idempotency: KEY }), make.newJob({ idempotency: KEY })];
      return (store, now) => store.enqueue({ jobs, now });
    },
  },
  {
    call: "enqueue under a key that another job holds",
    async prepare({ make }) {
      await make.queued({ idempotency: KEY });
      const jobs = [make.newJob({ idempotency: KEY })];
      return (store, now) => store.enqueue({ jobs, now });
    },
  },
  {
    call: "claim",
    async prepare({ make }) {
      await make.queuedAll([{}, {}, {}]);
      await make.queued({ queue: "pinned_a" });
      const node = await make.node();
      const workers = [await make.worker({}, node), await make.worker({ queue: "pinned_a" }, node)];
      const requests = workers.map(({ name, queue }) => ({ worker: name, queue }));
      const call = { op: make.op(), node: node.name, incarnation: node.incarnation, requests };
      return (store, now) => store.claim({ ...call, now });
    },
  },
  {
    call: "heartbeat",
    async prepare({ make }) {
      const node = await make.node();
      const worker = await make.worker({}, node);
      const { token } = await make.started({}, worker);
      const state = { name: worker.name, pid: 7, session: "connected", sessionsOpened: 1 } as const;
      const of = { node: node.name, incarnation: node.incarnation };
      const call = { ...of, runs: [token], workers: [state], hostMemory: { 7: 30 } };
      return (store) => store.heartbeat({ ...call, now: T0 });
    },
  },
  {
    call: "appendOutput",
    again: "already",
    async prepare({ make }) {
      const { token } = await make.started();
      return (store) => store.appendOutput({ token, offset: 0, bytes: bytes("output") });
    },
  },
  settling("success", succeeded()),
  settling("failure", failed(DEVICE_AWAY)),
  settling("retry", retryLater(DEVICE_AWAY, 0)),
  settling("retry later", retryLater(DEVICE_AWAY, MINUTE)),
  settling("release", released()),
  {
    call: "cancel of a queued job",
    async prepare({ make }) {
      const call = { op: make.op(), id: (await make.queued()).id, abort: false };
      return (store, now) => store.cancel({ ...call, now });
    },
  },
  {
    call: "cancel of a started job",
    async prepare({ make }) {
      const call = { op: make.op(), id: (await make.started()).token.id, abort: true };
      return (store, now) => store.cancel({ ...call, now });
    },
  },
  {
    call: "cancelQueued",
    async prepare({ make }) {
      await make.queuedAll([{}, {}, { host: "another" }]);
      await make.queued({ queue: "pinned_a" });
      const call = { op: make.op(), filter: { host: "10.0.0.1" } };
      return async (store, now) => (await store.cancelQueued({ ...call, now })).ids.toSorted();
    },
  },
  {
    call: "releaseHeld",
    again: { released: 0 },
    async prepare({ make }) {
      const held = { batchId: "batch_1", runAt: HELD, ttlMs: MINUTE };
      // Of one queue, and so one step: over several shards two calls at once may share the work.
      await make.queuedAll([held, held, { ...held, batchId: "batch_2" }]);
      return (store, now) => store.releaseHeld({ batchId: "batch_1", now });
    },
  },
  {
    call: "addBatch",
    again: { batch: BATCH, added: false },
    async prepare() {
      return (store) => store.addBatch({ batch: BATCH });
    },
  },
  {
    call: "changeBatch",
    again: null,
    async prepare({ storage }) {
      await storage.addBatch({ batch: BATCH });
      const change = { phase: "stopping", reason: "enough" } as const;
      return (store) => store.changeBatch({ id: BATCH.id, from: ["canary"], change });
    },
  },
  {
    call: "forgetBatch",
    async prepare({ storage }) {
      await storage.addBatch({ batch: BATCH });
      return (store) => store.forgetBatch({ id: BATCH.id });
    },
  },
  {
    call: "reap",
    again: ["gone", "gone"],
    async prepare({ storage, make }) {
      await make.started({ queue: "FifoQ" });
      await make.started({ queue: "FifoQ", retries: 1 });
      const leases = await storage.leases();
      return async (store, now) => (await store.reap({ leases, error: LOST, now })).toSorted();
    },
  },
  {
    call: "expire",
    again: { ids: [] },
    async prepare({ make }) {
      await make.queuedAll([{ ttlMs: 0 }, { ttlMs: 0 }]);
      return (store, now) => store.expire({ max: 10, error: EXPIRED, now });
    },
  },
  {
    call: "prune",
    again: { pruned: 0 },
    async prepare({ make }) {
      await make.inStatus("finished", { queue: "FifoQ", resultTtlMs: 0 });
      await make.inStatus("cancelled", { queue: "FifoQ", resultTtlMs: 0 });
      return (store, now) => store.prune({ max: 10, now });
    },
  },
  {
    call: "registerNode",
    async prepare({ make }) {
      const old = await make.node();
      await make.worker({}, old);
      const node = { ...old, incarnation: "next" };
      return (store, now) => store.registerNode({ node, now });
    },
  },
  {
    call: "loseNode",
    async prepare({ storage, make }) {
      const node = await make.node();
      await make.worker({ queue: "pinned_a" }, node);
      const beat = (await storage.nodes())[0]?.beat ?? 0;
      return (store, now) => store.loseNode({ ...node, beat, now });
    },
  },
  {
    call: "removeNode",
    async prepare({ make }) {
      const node = await make.node();
      await make.worker({}, node);
      return (store) => store.removeNode(node);
    },
  },
  {
    call: "addWorker",
    async prepare({ make }) {
      const worker = { ...(await make.worker()), name: "new", queue: "pinned_a", kind: "pinned" as const };
      return (store, now) => store.addWorker({ worker, now });
    },
  },
  ...(["dead", "gone"] as const).map(
    (as): Repeatable => ({
      call: `endWorker as ${as}`,
      async prepare({ make }) {
        const { name } = await make.worker({ queue: "pinned_a" });
        return (store, now) => store.endWorker({ name, as, now });
      },
    }),
  ),
  {
    call: "stopWorkers",
    async prepare({ make }) {
      await make.workerIn("busy");
      await make.workerIn("idle");
      const call = { op: make.op(), filter: {} };
      return (store) => store.stopWorkers(call);
    },
  },
  ...[true, false].map(
    (suspended): Repeatable => ({
      call: suspended ? "suspendWorkers" : "suspendWorkers, resuming",
      async prepare({ make }) {
        await make.workerIn(suspended ? "idle" : "suspended");
        return (store) => store.suspendWorkers({ filter: {}, suspended });
      },
    }),
  ),
  {
    call: "pruneWorkers",
    again: { pruned: 0 },
    async prepare({ make }) {
      await make.workerIn("dead");
      return (store) => store.pruneWorkers({ diedBefore: T0 + 1 });
    },
  },
  {
    call: "checkHostKey",
    again: "same",
    async prepare() {
      const key = { algorithm: "ssh-ed25519", fingerprint: "SHA256:a" };
      return (store, now) => store.checkHostKey({ ...DEVICE, ...key, record: true, now });
    },
  },
  {
    call: "forgetHostKey",
    again: "unknown",
    async prepare({ storage }) {
      const key = { algorithm: "ssh-ed25519", fingerprint: "SHA256:a" };
      await storage.checkHostKey({ ...DEVICE, ...key, record: true });
      return (store) => store.forgetHostKey(DEVICE);
    },
  },
  {
    call: "checkSealingKey",
    again: "same",
    async prepare() {
      return (store) => store.checkSealingKey({ keyId: "key-1" });
    },
  },
  {
    call: "migrate",
    async prepare() {
      return (store) => store.migrate();
    },
  },
];

/** A worker is there whose counters would tell a run that is settled twice. */
function settling(name: string, outcome: RunOutcome): Repeatable {
  return {
    call: `settle: ${name}`,
    again: ["already"],
    async prepare({ make }) {
      const { token } = await make.started({ retries: 1 });
      const settlements = [{ token, tail: bytes("output"), tailOffset: 0, outcome }];
      return (store, now) => store.settle({ settlements, now });
    },
  };
}

export function repeatsConformance(setup: Setup): void {
  describe("a call whose answer was lost", () => {
    test.each(CALLS)("may be repeated by another connection and changes nothing: $call", async (each) => {
      const fixture = await setup();
      const call = await each.prepare(fixture);
      const first = await call(fixture.storage, T0);
      const before = await snapshot(fixture.storage);
      const expected = each.again === undefined ? first : each.again;
      expect(await call(await fixture.connect(), T0 + SECOND)).toEqual(expected);
      expect(await call(fixture.storage, T0 + 2 * SECOND)).toEqual(expected);
      expect(await snapshot(fixture.storage)).toEqual(before);
    });

    test.each(CALLS)("may be repeated while the first still runs: $call", async (each) => {
      const fixture = await setup();
      const call = await each.prepare(fixture);
      const other = await fixture.connect();
      const answers = await Promise.all([call(fixture.storage, T0), call(other, T0)]);
      const before = await snapshot(fixture.storage);
      const repeat = await call(other, T0 + SECOND);
      expect(repeat).toEqual(each.again === undefined ? answers[0] : each.again);
      // One of them was the first; what it answered cannot be told from the other where a repeat says the same.
      const [one, two] = Bun.deepEquals(answers[0], repeat) ? answers.toReversed() : answers;
      expect(two).toEqual(repeat);
      if (each.again !== undefined) expect(one).not.toEqual(repeat);
      expect(await snapshot(fixture.storage)).toEqual(before);
    });
  });
}
