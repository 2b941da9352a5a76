import { describe, expect, test } from "bun:test";
import type { Job, JobStatus } from "../../../src/core/job.ts";
import { type CancelOutcome, succeeded } from "../../../src/storage/storage.ts";
import { EXPIRED, HOUR, SECOND, T0 } from "../../support/factory.ts";
import type { Setup } from "./fixture.ts";
import { WAYS } from "./ways.ts";

/** What `cancel` answers, by what the job was. */
const ANSWERS: Record<JobStatus, { without: CancelOutcome; abort: CancelOutcome }> = {
  queued: { without: { outcome: "cancelled" }, abort: { outcome: "cancelled" } },
  started: { without: { outcome: "started" }, abort: { outcome: "abort_requested" } },
  finished: both({ outcome: "ended", status: "finished" }),
  failed: both({ outcome: "ended", status: "failed" }),
  cancelled: both({ outcome: "ended", status: "cancelled" }),
};

function both(outcome: CancelOutcome) {
  return { without: outcome, abort: outcome };
}

export function cancelConformance(setup: Setup): void {
  describe("cancel", () => {
    test.each(WAYS)("of a job that is $status $way", async ({ status, take }) => {
      const fixture = await setup();
      const { storage, make } = fixture;
      for (const abort of [false, true]) {
        const id = await take(fixture);
        const [before] = await storage.get({ ids: [id] });
        expect(before?.status).toBe(status);
        const outcome = ANSWERS[status][abort ? "abort" : "without"];
        const outputs = await storage.outputs({ ids: [id] });
        expect(await storage.cancel({ op: make.op(), id, abort, now: T0 + SECOND })).toEqual(outcome);
        const change = status === "queued" ? { status: "cancelled", endedAt: T0 + SECOND } : {};
        expect(await storage.get({ ids: [id] })).toEqual([{ ...before, ...change } as Job]);
        expect(await storage.outputs({ ids: [id] })).toEqual(outputs);
      }
    });

    test.each(WAYS.filter(({ status }) => status === "queued"))(
      "of a job that is queued $way leaves nothing to start, to expire or to count",
      async ({ take }) => {
        const fixture = await setup();
        const { storage, make } = fixture;
        const id = await take(fixture);
        await storage.cancel({ op: make.op(), id, abort: false, now: T0 });
        const [job] = await storage.get({ ids: [id] });
        const worker = await make.worker({ queue: job?.queue ?? "", kind: "fifo" });
        expect(await make.claim(worker, T0 + 2 * HOUR)).toBeNull();
        expect(await storage.expire({ max: 10, error: EXPIRED, now: T0 + 2 * HOUR })).toEqual({ ids: [] });
        expect(await storage.queues()).toEqual([]);
        expect(await storage.counts()).toMatchObject({ queued: 0, cancelled: 1 });
      },
    );

    test("an abort reaches the node with every heartbeat, a refused cancel does not", async () => {
      const { storage, make } = await setup();
      const { token, job } = await make.started();
      const node = (await storage.nodes()).find(({ name }) => name === job.node);
      const beat = async () => {
        const call = { node: node?.name ?? "", incarnation: node?.incarnation ?? "", workers: [] };
        return (await storage.heartbeat({ ...call, runs: [token], hostMemory: {} })).abort;
      };
      await storage.cancel({ op: make.op(), id: token.id, abort: false });
      expect(await beat()).toEqual([]);
      await storage.cancel({ op: make.op(), id: token.id, abort: true });
      expect(await beat()).toEqual([token.id]);
      await storage.cancel({ op: make.op(), id: token.id, abort: false });
      expect(await beat()).toEqual([token.id]);
    });

    test.each([false, true])("of a job that is unknown, abort %p", async (abort) => {
      const { storage, make } = await setup();
      expect(await storage.cancel({ op: make.op(), id: "job_unknown", abort })).toEqual({
        outcome: "not_found",
      });
    });

    test("leaves a job that ended without having run", async () => {
      const { storage, make } = await setup();
      const job = await make.queued();
      await storage.cancel({ op: make.op(), id: job.id, abort: false, now: T0 + SECOND });
      expect(await storage.get({ ids: [job.id] })).toEqual([
        { ...job, status: "cancelled", endedAt: T0 + SECOND },
      ]);
    });

    test("takes the job out of its queue", async () => {
      const { storage, make } = await setup();
      const { id } = await make.queued({ lane: "a" });
      const other = await make.queued({ lane: "b" });
      await storage.cancel({ op: make.op(), id, abort: false });
      expect(await storage.queues()).toMatchObject([{ depth: 1 }]);
      expect((await make.mustClaim(await make.worker())).token.id).toBe(other.id);
    });

    test("of a delayed job works as of any other", async () => {
      const { storage, make } = await setup();
      const { id } = await make.queued({ runAt: T0 + HOUR });
      expect(await storage.cancel({ op: make.op(), id, abort: false })).toEqual({ outcome: "cancelled" });
      expect(await make.claim(await make.worker(), T0 + HOUR)).toBeNull();
      expect(await storage.queues()).toEqual([]);
    });

    test("an abort is forgotten with the run it was meant for", async () => {
      const { storage, make } = await setup();
      const { token, job } = await make.started();
      await storage.cancel({ op: make.op(), id: token.id, abort: true });
      await make.settle(token, succeeded());
      const next = await make.started({ queue: job.queue });
      const { node, token: run } = { node: next.job.node ?? "", token: next.token };
      const { incarnation } = (await storage.nodes()).find(({ name }) => name === node) ?? {
        incarnation: "",
      };
      const beat = await storage.heartbeat({ node, incarnation, runs: [run], workers: [], hostMemory: {} });
      expect(beat.abort).toEqual([]);
    });
  });
}
