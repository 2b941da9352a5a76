import { describe, expect, test } from "bun:test";
import { JOB_STATUSES } from "../../../src/core/job.ts";
import { released, retryLater, WORKER_STATUSES } from "../../../src/storage/storage.ts";
import { bytes, DEVICE_AWAY, EXPIRED, HOUR, LOST, MINUTE, T0 } from "../../support/factory.ts";
import type { Fixture, Setup } from "./fixture.ts";

export function examineConformance(setup: Setup): void {
  describe("examine", () => {
    test("finds nothing in an empty store, which has the newest schema", async () => {
      const { storage } = await setup();
      const { schema, findings, looked } = await storage.examine({ limit: 10 });
      expect(findings).toEqual([]);
      expect(schema.version).toBe(schema.newest);
      expect(looked).toMatchObject({ jobs: 0, workers: 0 });
    });

    test("finds nothing in a store with jobs and workers in every state, and says how many it has seen", async () => {
      const fixture = await setup();
      const jobs = await everything(fixture);
      const { findings, looked } = await fixture.storage.examine({ limit: 10 });
      expect(findings).toEqual([]);
      expect(looked.jobs).toBe(jobs);
      expect(looked.workers).toBe(
        (await fixture.storage.listWorkers({ filter: {}, limit: 1_000 })).workers.length,
      );
    });

    test("finds nothing once all of it is forgotten again", async () => {
      const fixture = await setup();
      await everything(fixture);
      const { storage, make } = fixture;
      await storage.cancelQueued({ op: make.op(), filter: {}, now: T0 });
      await storage.reap({ leases: await storage.leases(), error: LOST, now: T0 });
      await storage.cancelQueued({ op: make.op(), filter: {}, now: T0 });
      await storage.prune({ max: 1_000, now: T0 + 2 * HOUR });
      await storage.pruneWorkers({ diedBefore: T0 + HOUR });
      const { findings, looked } = await storage.examine({ limit: 10 });
      expect(findings).toEqual([]);
      expect(looked.jobs).toBe(0);
    });

    test("takes nothing that waits for a duty for a fault: a lost node's job, what has expired, what may be pruned", async () => {
      const { storage, make } = await setup();
      const node = await make.node();
      const worker = await make.worker({ queue: "q", kind: "fifo" }, node);
      await make.started({}, worker);
      const [pulse] = await storage.nodes();
      await storage.loseNode({
        name: node.name,
        incarnation: node.incarnation,
        beat: pulse?.beat ?? 0,
        now: T0,
      });
      await storage.pruneWorkers({ diedBefore: T0 + 1 });
      await make.queued({ ttlMs: 1 });
      await make.inStatus("finished", { resultTtlMs: 1 });
      expect((await storage.examine({ limit: 10 })).findings).toEqual([]);
    });

    test("finds nothing while others write", async () => {
      const { storage, connect, make } = await setup();
      const other = await connect();
      let writing = true;
      const written = (async () => {
        let jobs = 0;
        for (; writing; jobs++) await make.inStatus(JOB_STATUSES[jobs % JOB_STATUSES.length] ?? "queued");
        return jobs;
      })();
      for (let round = 0; round < 5; round++) {
        expect((await other.examine({ limit: 10 })).findings).toEqual([]);
      }
      writing = false;
      expect((await storage.examine({ limit: 10 })).looked.jobs).toBe(await written);
    });

    test("changes nothing", async () => {
      const fixture = await setup();
      await everything(fixture);
      const { storage, footprint } = fixture;
      const before = {
        footprint: await footprint(),
        jobs: await storage.list({ filter: {}, order: "asc", limit: 1_000 }),
      };
      await storage.examine({ limit: 10 });
      const after = {
        footprint: await footprint(),
        jobs: await storage.list({ filter: {}, order: "asc", limit: 1_000 }),
      };
      expect(after).toEqual(before);
    });
  });
}

/** At least one of each thing that there can be. Answers how many jobs that makes. */
async function everything({ storage, make }: Fixture): Promise<number> {
  for (const status of JOB_STATUSES) {
    await make.inStatus(status, {
      queue: `pinned_${status}`,
      host: status,
      batchId: "batch_1",
      site: "berlin",
    });
    await make.inStatus(status, { idempotency: { scope: "s", key: status, fingerprint: "f" } });
  }
  for (const status of WORKER_STATUSES) await make.workerIn(status);
  await make.worker({ queue: "pinned_10.0.0.9" });
  await make.queuedAll([
    { runAt: T0 + HOUR },
    { ttlMs: MINUTE },
    { priority: 9, lane: "bob" },
    { queue: "pinned_10.0.0.9", priority: -1 },
  ]);
  const retried = await make.started({ retries: 1 });
  await make.settle(retried.token, retryLater(DEVICE_AWAY, MINUTE), { tail: "so far" });
  await make.settle((await make.started()).token, released());
  const { token } = await make.started({ retries: 3 });
  await storage.appendOutput({ token, offset: 0, bytes: bytes("some") });
  await storage.appendOutput({ token, offset: 4, bytes: bytes(" output") });
  await storage.cancel({ op: make.op(), id: token.id, abort: true });
  await make.queued({ ttlMs: 1, queue: "expires" });
  await storage.expire({ max: 1, error: EXPIRED, now: T0 + 1 });
  const lost = await make.node();
  await make.worker({ queue: "pinned_lost" }, lost);
  const beat = (await storage.nodes()).find(({ name }) => name === lost.name)?.beat ?? 0;
  await storage.loseNode({ name: lost.name, incarnation: lost.incarnation, beat, now: T0 });
  return 2 * JOB_STATUSES.length + 1 + 4 + 4;
}
