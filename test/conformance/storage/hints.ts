import { describe, expect, test } from "bun:test";
import {
  failed,
  type Hint,
  released,
  retryLater,
  type Storage,
  succeeded,
} from "../../../src/storage/storage.ts";
import { bytes, DEVICE_AWAY, EXPIRED, HOUR, LOST, MINUTE, SECOND, T0 } from "../../support/factory.ts";
import type { Setup } from "./fixture.ts";

export function hintsConformance(setup: Setup): void {
  describe("a hint", () => {
    test("tells that a queue has got work", async () => {
      const { storage, make } = await setup();
      const heard = listen(storage, { kind: "queued", queue: "pinned_a" });
      await make.queued({ queue: "pinned_a" });
      await heard;
    });

    test.each([
      ["finished", succeeded()],
      ["failed", failed(DEVICE_AWAY)],
      ["queued", retryLater(DEVICE_AWAY, 0)],
      ["queued", released()],
    ] as const)("tells that a job is %s", async (status, outcome) => {
      const { storage, make } = await setup();
      const { token } = await make.started({ retries: 1 });
      const heard = listen(storage, { kind: "job", id: token.id, status });
      await make.settle(token, outcome);
      await heard;
    });

    test("tells that a job is cancelled, one by one or many", async () => {
      const { storage, make } = await setup();
      const [one, two] = await make.queuedAll([{}, {}]);
      if (!one || !two) throw new Error("two jobs were expected");
      const first = listen(storage, { kind: "job", id: one.id, status: "cancelled" });
      await storage.cancel({ op: make.op(), id: one.id, abort: false });
      await first;
      const second = listen(storage, { kind: "job", id: two.id, status: "cancelled" });
      await storage.cancelQueued({ op: make.op(), filter: {} });
      await second;
    });

    test("tells that a job was reaped or has expired", async () => {
      const { storage, make } = await setup();
      const { token } = await make.started();
      const { id } = await make.queued({ ttlMs: 1 });
      const reaped = listen(storage, { kind: "job", id: token.id, status: "failed" });
      await storage.reap({ leases: await storage.leases(), error: LOST });
      await reaped;
      const expired = listen(storage, { kind: "job", id, status: "failed" });
      await storage.expire({ max: 10, error: EXPIRED, now: T0 + HOUR });
      await expired;
    });

    test("tells a queue again when a job went back to it", async () => {
      const { storage, make } = await setup();
      const { token } = await make.started({ queue: "q" });
      const heard = listen(storage, { kind: "queued", queue: "q" });
      await make.settle(token, released());
      await heard;
    });

    test("tells in how long a delayed job or retry may start", async () => {
      const { storage, make } = await setup();
      const retried = await make.started({ queue: "r", retries: 1 });
      const later = listen(storage, { kind: "queued", queue: "q", inMs: MINUTE });
      await make.queuedAll([
        { queue: "q", runAt: T0 + HOUR },
        { queue: "q", runAt: T0 + MINUTE },
      ]);
      await later;
      const now = listen(storage, { kind: "queued", queue: "q" });
      await make.queuedAll([{ queue: "q", runAt: T0 + MINUTE }, { queue: "q" }]);
      await now;
      const again = listen(storage, { kind: "queued", queue: "r", inMs: SECOND });
      await make.settle(retried.token, retryLater(DEVICE_AWAY, SECOND));
      await again;
    });

    test("tells that there is output", async () => {
      const { storage, make } = await setup();
      const { token } = await make.started();
      const heard = listen(storage, { kind: "output", id: token.id });
      await storage.appendOutput({ token, offset: 0, bytes: bytes("text") });
      await heard;
    });

    test("tells the node that a job of its has to be aborted", async () => {
      const { storage, make } = await setup();
      const { token, job } = await make.started();
      const heard = listen(storage, { kind: "abort", id: token.id, node: job.node ?? "" });
      await storage.cancel({ op: make.op(), id: token.id, abort: true });
      await heard;
    });

    test("tells the node what others asked of its workers, and when one ended", async () => {
      const { storage, make } = await setup();
      const { name, node } = await make.worker();
      const of = (change: "stop" | "suspend" | "resume" | "ended") =>
        listen(storage, { kind: "worker", worker: name, node, change });
      const filter = { name };
      const suspend = of("suspend");
      await storage.suspendWorkers({ filter, suspended: true });
      await suspend;
      const resume = of("resume");
      await storage.suspendWorkers({ filter, suspended: false });
      await resume;
      const stop = of("stop");
      await storage.stopWorkers({ op: make.op(), filter });
      await stop;
      const ended = of("ended");
      await storage.endWorker({ name, as: "dead" });
      await ended;
    });

    test("comes when the change can be seen", async () => {
      const { storage, make } = await setup();
      const { token } = await make.started();
      const seen = Promise.withResolvers<string | undefined>();
      const stop = storage.subscribe((hint) => {
        if (hint.kind !== "job") return;
        storage.get({ ids: [hint.id] }).then(([job]) => seen.resolve(job?.status), seen.reject);
      });
      await make.settle(token, succeeded());
      expect(await seen.promise).toBe("finished");
      stop();
    });

    test("does not come to one who has stopped listening", async () => {
      const { storage, make } = await setup();
      const heard: Hint[] = [];
      const stop = storage.subscribe((hint) => heard.push(hint));
      stop();
      const other = listen(storage, { kind: "queued", queue: "FifoQ" });
      await make.queued();
      await other;
      expect(heard).toEqual([]);
    });
  });
}

/** Resolves when just this hint has come. */
function listen(storage: Storage, wanted: Hint): Promise<void> {
  return new Promise((resolve) => {
    const stop = storage.subscribe((hint) => {
      if (!Bun.deepEquals(hint, wanted)) return;
      stop();
      resolve();
    });
  });
}
