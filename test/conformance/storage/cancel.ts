import { describe, expect, test } from "bun:test";
import type { JobStatus } from "../../../src/core/job.ts";
import { type CancelOutcome, succeeded } from "../../../src/storage/storage.ts";
import { HOUR, SECOND, T0 } from "../../support/factory.ts";
import type { Setup } from "./fixture.ts";

interface Case {
  status: JobStatus;
  abort: boolean;
  outcome: CancelOutcome;
  after: JobStatus;
}

const MATRIX: Case[] = [
  { status: "queued", abort: false, outcome: { outcome: "cancelled" }, after: "cancelled" },
  { status: "queued", abort: true, outcome: { outcome: "cancelled" }, after: "cancelled" },
  { status: "started", abort: false, outcome: { outcome: "started" }, after: "started" },
  { status: "started", abort: true, outcome: { outcome: "abort_requested" }, after: "started" },
  ...(["finished", "failed", "cancelled"] as const).flatMap((status) =>
    [false, true].map((abort) => ({
      status,
      abort,
      outcome: { outcome: "ended", status } as const,
      after: status,
    })),
  ),
];

export function cancelConformance(setup: Setup): void {
  describe("cancel", () => {
    test.each(MATRIX)("of a $status job, abort $abort", async ({ status, abort, outcome, after }) => {
      const { storage, make } = await setup();
      const { id } = await make.inStatus(status);
      const [before] = await storage.get({ ids: [id] });
      expect(await storage.cancel({ op: make.op(), id, abort, now: T0 + SECOND })).toEqual(outcome);
      const [then] = await storage.get({ ids: [id] });
      expect(then?.status).toBe(after);
      if (status === after) expect(then).toEqual(before ?? null);
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

    test("and claim race: exactly one of them wins, whichever it is", async () => {
      const { storage, connect, make } = await setup();
      const other = await connect();
      const worker = await make.worker();
      const outcomes = new Set<string>();
      for (let round = 0; round < 20; round++) {
        const { id } = await make.queued();
        const cancelling = (round % 2 === 0 ? storage : other).cancel({ op: make.op(), id, abort: false });
        const [claim, cancel] = await Promise.all([make.claim(worker), cancelling]);
        expect(cancel.outcome).toBe(claim ? "started" : "cancelled");
        outcomes.add(cancel.outcome);
        if (claim) await make.settle(claim.token, succeeded());
      }
      expect([...outcomes].every((outcome) => outcome === "started" || outcome === "cancelled")).toBe(true);
    });
  });
}
