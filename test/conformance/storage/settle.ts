import { describe, expect, test } from "bun:test";
import type { JobError } from "../../../src/core/job.ts";
import {
  ABORTED,
  failed,
  type RunOutcome,
  released,
  retryLater,
  succeeded,
} from "../../../src/storage/storage.ts";
import { bytes, DEVICE_AWAY, HOUR, MINUTE, SECOND, T0 } from "../../support/factory.ts";
import type { Setup } from "./fixture.ts";

const TIMED_OUT: JobError = { type: "TimeoutError", message: "no prompt in 30 s", retryable: true };

export function settleConformance(setup: Setup): void {
  describe("settle", () => {
    test.each([
      ["success", succeeded(), "finished", { type: "success", error: null }],
      ["failure", failed(DEVICE_AWAY), "failed", { type: "failed", error: DEVICE_AWAY }],
      ["time-out", failed(TIMED_OUT), "failed", { type: "timeout", error: TIMED_OUT }],
      ["abort", failed(ABORTED), "failed", { type: "stopped", error: ABORTED }],
    ] as const)("ends the run: %s", async (_, outcome, status, result) => {
      const { storage, make } = await setup();
      const { token, job } = await make.started();
      expect(await make.settle(token, outcome, { now: T0 + SECOND })).toBe("ok");
      const ended = { ...job, status, result, endedAt: T0 + SECOND };
      expect(await storage.get({ ids: [token.id] })).toEqual([ended]);
    });

    test("a final job and all of its output become visible together", async () => {
      const { storage, make } = await setup();
      const { token } = await make.started();
      await storage.appendOutput({ token, offset: 0, bytes: bytes("first ") });
      await make.settle(token, succeeded(), { tail: "last", tailOffset: 6 });
      expect(await storage.outputs({ ids: [token.id] })).toEqual(["first last"]);
    });

    test("settles many runs in one call, each with its own answer", async () => {
      const { storage, make } = await setup();
      const one = await make.started();
      const two = await make.started();
      await make.settle(two.token, succeeded());
      const end = (token: typeof one.token) => ({
        token,
        tail: bytes(""),
        tailOffset: 0,
        outcome: succeeded(),
      });
      const stranger = { ...one.token, id: "job_unknown" };
      const settlements = [end(stranger), end(two.token), end(one.token)];
      expect(await storage.settle({ settlements, now: T0 })).toEqual(["lost", "already", "ok"]);
    });

    test.each([
      ["success", succeeded()],
      ["failure", failed(DEVICE_AWAY)],
      ["retry", retryLater(DEVICE_AWAY, 0)],
      ["delayed retry", retryLater(DEVICE_AWAY, MINUTE)],
      ["release", released()],
    ])("a repeat changes nothing and says so: %s", async (_, outcome) => {
      const { storage, make } = await setup();
      const { token } = await make.started({ retries: 3 });
      await make.settle(token, outcome, { tail: "once" });
      const before = await storage.get({ ids: [token.id] });
      const workers = await storage.listWorkers({ filter: {}, limit: 10 });
      expect(await make.settle(token, outcome, { tail: "once", now: T0 + MINUTE })).toBe("already");
      expect(await storage.get({ ids: [token.id] })).toEqual(before);
      expect(await storage.listWorkers({ filter: {}, limit: 10 })).toEqual(workers);
      expect(await storage.outputs({ ids: [token.id] })).toEqual(["once"]);
    });

    test.each([
      ["retry", retryLater(DEVICE_AWAY, 0)],
      ["release", released()],
    ])("a repeat of a %s is known also when the next run has begun or ended", async (_, outcome) => {
      const { storage, make } = await setup();
      const worker = await make.worker();
      await make.queued({ retries: 1 });
      const first = await make.mustClaim(worker);
      await make.settle(first.token, outcome);
      const second = await make.mustClaim(worker);
      expect(await make.settle(first.token, outcome)).toBe("already");
      await make.settle(second.token, succeeded());
      expect(await make.settle(first.token, outcome)).toBe("already");
      expect(await storage.get({ ids: [first.token.id] })).toMatchObject([{ status: "finished" }]);
    });

    test("a settled job that was cancelled meanwhile stays cancelled", async () => {
      const { storage, make } = await setup();
      const { token } = await make.started();
      await make.settle(token, released());
      await storage.cancel({ op: make.op(), id: token.id, abort: false });
      expect(await make.settle(token, released())).toBe("already");
      expect(await storage.get({ ids: [token.id] })).toMatchObject([{ status: "cancelled" }]);
    });
  });

  describe("a retry", () => {
    test("goes back to the queue for a new stay of its own", async () => {
      const { storage, make } = await setup();
      const { token, job } = await make.started({ retries: 1, ttlMs: MINUTE }, undefined, T0);
      const now = T0 + 10 * SECOND;
      expect(await make.settle(token, retryLater(DEVICE_AWAY, 5 * SECOND), { now })).toBe("ok");
      expect(await storage.get({ ids: [token.id] })).toEqual([
        {
          ...job,
          status: "queued",
          enqueuedAt: now,
          startedAt: null,
          expiresAt: now + 5 * SECOND + MINUTE,
          result: null,
        },
      ]);
    });

    test("waits for its delay", async () => {
      const { make } = await setup();
      const worker = await make.worker();
      const { token } = await make.started({ retries: 1 }, worker);
      await make.settle(token, retryLater(DEVICE_AWAY, 5 * SECOND));
      expect(await make.claim(worker, T0 + 5 * SECOND - 1)).toBeNull();
      expect((await make.claim(worker, T0 + 5 * SECOND))?.token.id).toBe(token.id);
    });

    test("without an attempt left fails", async () => {
      const { storage, make } = await setup();
      const worker = await make.worker();
      await make.queued({ retries: 1 });
      const first = await make.mustClaim(worker);
      await make.settle(first.token, retryLater(DEVICE_AWAY, 0));
      const second = await make.mustClaim(worker);
      expect(await make.settle(second.token, retryLater(DEVICE_AWAY, 0))).toBe("ok");
      expect(await storage.get({ ids: [first.token.id] })).toMatchObject([
        { status: "failed", attempts: 2, result: { type: "failed", error: DEVICE_AWAY } },
      ]);
    });

    test("of a job that allows none fails at once", async () => {
      const { storage, make } = await setup();
      const { token } = await make.started();
      await make.settle(token, retryLater(TIMED_OUT, 0));
      expect(await storage.get({ ids: [token.id] })).toMatchObject([
        { status: "failed", result: { type: "timeout", error: TIMED_OUT } },
      ]);
    });
  });

  describe("a release", () => {
    test("costs no attempt and no time", async () => {
      const { storage, make } = await setup();
      const job = await make.queued({ queue: "q", ttlMs: HOUR });
      const worker = await make.worker({ queue: "q", kind: "fifo" });
      const { token } = await make.mustClaim(worker, T0 + SECOND);
      await make.settle(token, released(), { now: T0 + MINUTE });
      const { node, name } = worker;
      expect(await storage.get({ ids: [token.id] })).toEqual([{ ...job, node, worker: name }]);
    });

    test("any number of them still leaves the one attempt", async () => {
      const { storage, make } = await setup();
      const worker = await make.worker();
      await make.queued();
      for (let n = 0; n < 3; n++) await make.settle((await make.mustClaim(worker)).token, released());
      const { token, job } = await make.mustClaim(worker);
      expect(job.attempts).toBe(1);
      await make.settle(token, succeeded());
      expect(await storage.get({ ids: [token.id] })).toMatchObject([{ status: "finished", attempts: 1 }]);
    });
  });

  describe("an abort that was asked for", () => {
    test.each([
      ["retry", retryLater(DEVICE_AWAY, 0)],
      ["release", released()],
    ])("wins over a %s", async (_, outcome: RunOutcome) => {
      const { storage, make } = await setup();
      const { token } = await make.started({ retries: 3 });
      await storage.cancel({ op: make.op(), id: token.id, abort: true });
      expect(await make.settle(token, outcome, { tail: "so far" })).toBe("ok");
      expect(await storage.get({ ids: [token.id] })).toMatchObject([
        { status: "failed", result: { type: "stopped", error: ABORTED } },
      ]);
      expect(await storage.outputs({ ids: [token.id] })).toEqual(["so far"]);
    });

    test("comes too late for a run that succeeded", async () => {
      const { storage, make } = await setup();
      const { token } = await make.started();
      await storage.cancel({ op: make.op(), id: token.id, abort: true });
      await make.settle(token, succeeded());
      expect(await storage.get({ ids: [token.id] })).toMatchObject([{ status: "finished" }]);
    });
  });

  describe("the worker's counters", () => {
    test("grow with every run, in the same transaction", async () => {
      const { storage, make } = await setup();
      const worker = await make.worker();
      const outcomes = [
        succeeded(),
        succeeded(),
        failed(DEVICE_AWAY),
        retryLater(DEVICE_AWAY, HOUR),
        released(),
      ];
      for (const outcome of outcomes) {
        const { token } = await make.started({ retries: 1 }, worker);
        await make.settle(token, outcome, { now: T0 + 2 * SECOND });
        const { status } = (await storage.get({ ids: [token.id] }))[0] ?? {};
        if (status === "queued") await storage.cancel({ op: make.op(), id: token.id, abort: false });
      }
      expect((await storage.listWorkers({ filter: {}, limit: 10 })).workers).toMatchObject([
        { successfulJobCount: 2, failedJobCount: 1, busyMs: 10 * SECOND },
      ]);
    });

    test("a worker that has gone does not keep its last run from being settled", async () => {
      const { storage, make } = await setup();
      const { token, worker } = await make.started();
      await storage.endWorker({ name: worker, as: "gone" });
      expect(await make.settle(token, succeeded())).toBe("ok");
    });
  });
}
