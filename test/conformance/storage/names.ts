import { describe, expect, test } from "bun:test";
import { succeeded } from "../../../src/storage/storage.ts";
import { HOUR, T0 } from "../../support/factory.ts";
import type { Setup } from "./fixture.ts";

/** What a careless key, pattern, separator or statement would stumble over. */
const NAMES = [
  "pinned_fe80::1",
  "a b",
  "a:b",
  "{a}",
  "}a{",
  "a\u0000b",
  "a\tb\nc",
  "*",
  "a?[b]",
  "%_",
  "'; DROP TABLE jobs; --",
  '"\\',
  "grüße 端末 👋",
  "a".repeat(250),
  "__proto__",
  "7",
];

export function namesConformance(setup: Setup): void {
  describe("a name", () => {
    test.each(NAMES)(
      "may be %j wherever a name is: stored, found, claimed, counted, forgotten",
      async (name) => {
        const { storage, make, footprint } = await setup();
        const empty = await footprint();
        const idempotency = { scope: name, key: name, fingerprint: name };
        const named = { host: name, driver: name, site: name, batchId: name, lane: name, command: [name] };
        const job = await make.queued({ queue: name, ...named, idempotency, resultTtlMs: 0 });
        const other = await make.queued({ queue: `${name}x`, host: "other" });
        expect(job).toMatchObject({
          queue: name,
          host: name,
          driver: name,
          site: name,
          batchId: name,
          command: [name],
        });
        const found = async (filter: object) => {
          const { jobs } = await storage.list({ filter, order: "asc", limit: 10 });
          return jobs.map(({ id }) => id);
        };
        for (const field of ["queue", "host", "driver", "batchId"])
          expect(await found({ [field]: name })).toEqual([job.id]);
        expect(await storage.queues()).toContainEqual({ queue: name, depth: 1, oldestAt: T0, dueInMs: null });
        const repeat = await storage.enqueue({ jobs: [make.newJob({ queue: name, idempotency })] });
        expect(repeat).toEqual({ outcome: "duplicate", jobs: [job] });

        const node = await make.node({ name, incarnation: name, hostname: name });
        const worker = await make.worker({ queue: name, name, kind: "pinned", host: name, site: name }, node);
        const rival = { ...worker, name: `${name}x` };
        expect(await storage.addWorker({ worker: rival })).toEqual({
          outcome: "taken",
          worker: name,
          node: name,
        });
        const { token } = await make.mustClaim(worker);
        expect(token.id).toBe(job.id);
        expect(await found({ worker: name, node: name, status: "started" })).toEqual([job.id]);
        expect(await storage.leases()).toMatchObject([{ node: name, worker: name }]);
        expect(
          (await storage.listWorkers({ filter: { name, queue: name, node: name }, limit: 2 })).workers,
        ).toMatchObject([{ ...worker, currentJobs: [job.id] }]);
        expect(await storage.stopWorkers({ op: make.op(), filter: { host: name } })).toEqual([
          { worker: name, job: job.id },
        ]);
        const of = { node: name, incarnation: name };
        expect((await storage.heartbeat({ ...of, runs: [token], workers: [], hostMemory: {} })).stop).toEqual(
          [name],
        );
        expect(await make.settle(token, succeeded())).toBe("ok");
        expect(await storage.cancelQueued({ op: make.op(), filter: { queue: `${name}x` }, now: T0 })).toEqual(
          {
            ids: [other.id],
          },
        );
        await storage.endWorker({ name, as: "gone" });
        await storage.removeNode(node);
        await storage.prune({ max: 10, now: Date.now() + 2 * HOUR });
        expect(await storage.nodes()).toEqual([]);
        expect(await footprint()).toBe(empty);
      },
    );

    test("does not run into the name beside it", async () => {
      const { storage, make } = await setup();
      const split = (text: string, at: number) => ({ scope: text.slice(0, at), key: text.slice(at) });
      for (const separator of ["", ":", " ", "/", "|", "\t"]) {
        const text = `ab${separator}${separator}cd`;
        for (let at = 1; at < text.length; at++) {
          const idempotency = { ...split(text, at), fingerprint: `${separator} ${at}` };
          const result = await storage.enqueue({ jobs: [make.newJob({ idempotency })] });
          expect([text, at, result.outcome]).toEqual([text, at, "stored"]);
        }
      }
    });

    test("of a lane and of a queue do not run into each other", async () => {
      const { storage, make } = await setup();
      const jobs = await make.queuedAll([
        { queue: "a", lane: "b:c", priority: 1 },
        { queue: "a:b", lane: "c", priority: 1 },
        { queue: "a", lane: "b c", priority: 11 },
        { queue: "a b", lane: "c", priority: 11 },
        { queue: "1:a", lane: "c", priority: 1 },
        { queue: "a", lane: "c", priority: 1 },
      ]);
      const byQueue = Map.groupBy(jobs, ({ queue }) => queue);
      for (const [queue, there] of byQueue) {
        const worker = await make.worker({ queue, kind: "fifo" });
        const expected = there.toSorted((a, b) => b.priority - a.priority || a.seq - b.seq);
        for (const job of expected) {
          const { token } = await make.mustClaim(worker);
          expect(token.id).toBe(job.id);
          await make.settle(token, succeeded());
        }
        expect(await make.claim(worker)).toBeNull();
      }
      expect(await storage.queues()).toEqual([]);
    });
  });
}
