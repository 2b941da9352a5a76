import { describe, expect, test } from "bun:test";
import type { RunToken } from "../../../src/core/job.ts";
import { failed, released, retryLater, succeeded } from "../../../src/storage/storage.ts";
import { bytes, DEVICE_AWAY, LOST, T0 } from "../../support/factory.ts";
import type { Fixture, Setup } from "./fixture.ts";

/** Every way in which a run may be over for the one who holds its token. */
const OVER: Record<string, (fixture: Fixture) => Promise<RunToken>> = {
  "was reaped": async ({ storage, make }) => {
    const { token } = await make.started();
    await storage.reap({ leases: await storage.leases(), error: LOST, now: T0 });
    return token;
  },
  "was reaped, and its successor runs": async ({ storage, make }) => {
    const { token, job } = await make.started({ retries: 1 });
    await storage.reap({ leases: await storage.leases(), error: LOST, now: T0 });
    await make.mustClaim(await make.worker({ queue: job.queue, kind: "fifo" }));
    return token;
  },
  "was reaped with its node": async ({ storage, make }) => {
    const { token, job } = await make.started();
    const node = (await storage.nodes()).find(({ name }) => name === job.node);
    if (!node) throw new Error("the node is not listed");
    await storage.loseNode(node);
    await storage.reap({ leases: await storage.leases(), error: LOST, now: T0 });
    return token;
  },
  "names another nonce": async ({ make }) => {
    const { token } = await make.started();
    return { ...token, nonce: "minted by another store" };
  },
  "names another run": async ({ make }) => {
    const { token } = await make.started();
    return { ...token, run: token.run + 1 };
  },
  "is of a job that is unknown": async () => ({ id: "job_unknown", run: 1, nonce: "none" }),
  "is of a job that was forgotten": async ({ storage, make }) => {
    const { token } = await make.started({ resultTtlMs: 0 });
    await make.settle(token, succeeded());
    await storage.prune({ max: 10, now: T0 + 1 });
    return token;
  },
};

export function fencingConformance(setup: Setup): void {
  describe.each(Object.entries(OVER))("a run that %s", (_, arrange) => {
    test.each([
      ["success", succeeded()],
      ["failure", failed(DEVICE_AWAY)],
      ["retry", retryLater(DEVICE_AWAY, 0)],
      ["release", released()],
    ])("settles nothing: %s", async (_name, outcome) => {
      const fixture = await setup();
      const token = await arrange(fixture);
      const before = await snapshot(fixture, token.id);
      expect(await fixture.make.settle(token, outcome, { tail: "zombie" })).toBe("lost");
      expect(await snapshot(fixture, token.id)).toEqual(before);
    });

    test("appends nothing", async () => {
      const fixture = await setup();
      const token = await arrange(fixture);
      const before = await snapshot(fixture, token.id);
      expect(await fixture.storage.appendOutput({ token, offset: 0, bytes: bytes("zombie") })).toBe("lost");
      expect(await snapshot(fixture, token.id)).toEqual(before);
    });

    test("is named as lost by the heartbeat, which renews nothing", async () => {
      const fixture = await setup();
      const token = await arrange(fixture);
      const { name: node, incarnation } = await fixture.make.node();
      const before = await fixture.storage.leases();
      const beat = await fixture.storage.heartbeat({
        node,
        incarnation,
        runs: [token],
        workers: [],
        hostMemory: {},
      });
      expect(beat).toEqual({ known: true, lost: [token.id], abort: [], stop: [] });
      expect(await fixture.storage.leases()).toEqual(before);
    });
  });

  describe.each([
    ["was handed back", released()],
    ["is to be retried", retryLater(DEVICE_AWAY, 0)],
  ])("a run that %s, when its successor runs,", (_, outcome) => {
    test("appends nothing to the successor's log, renews nothing of it and ends nothing", async () => {
      const { storage, make } = await setup();
      const worker = await make.worker();
      await make.queued({ retries: 1 });
      const first = await make.mustClaim(worker);
      await make.settle(first.token, outcome, { tail: "of the first" });
      const second = await make.mustClaim(worker);
      await storage.appendOutput({ token: second.token, offset: 0, bytes: bytes("of the second") });
      const leases = await storage.leases();
      const late = { token: first.token, offset: 0, bytes: bytes("of a zombie, and long") };
      expect(await storage.appendOutput(late)).toBe("lost");
      const { node, incarnation } = worker;
      const call = { node, incarnation, workers: [], hostMemory: {} };
      expect((await storage.heartbeat({ ...call, runs: [first.token] })).lost).toEqual([first.token.id]);
      expect(await storage.leases()).toEqual(leases);
      const stale = leases.map((lease) => ({ ...lease, token: first.token }));
      expect(await storage.reap({ leases: stale, error: LOST })).toEqual(["gone"]);
      expect(await make.settle(first.token, failed(DEVICE_AWAY), { tail: "zombie" })).toBe("already");
      expect(await make.settle(second.token, succeeded(), { tail: "!", tailOffset: 13 })).toBe("ok");
      expect(await storage.outputs({ ids: [first.token.id] })).toEqual(["of the second!"]);
    });

    test("is told apart from it within one heartbeat and one settlement", async () => {
      const { storage, make } = await setup();
      const worker = await make.worker();
      await make.queued({ retries: 1 });
      const { token: first } = await make.mustClaim(worker);
      await make.settle(first, outcome);
      const { token: second } = await make.mustClaim(worker);
      await storage.cancel({ op: make.op(), id: second.id, abort: true });
      const { node, incarnation } = worker;
      const call = { node, incarnation, workers: [], hostMemory: {} };
      const [before] = await storage.leases();
      const beat = await storage.heartbeat({ ...call, runs: [first, second] });
      expect(beat).toMatchObject({ lost: [first.id], abort: [second.id] });
      const [after] = await storage.leases();
      expect(after?.renewal).toBeGreaterThan(before?.renewal ?? Number.NaN);
      const end = (token: RunToken) => ({ token, tail: bytes(""), tailOffset: 0, outcome: succeeded() });
      expect(await storage.settle({ settlements: [end(first), end(second), end(first)], now: T0 })).toEqual([
        "already",
        "ok",
        "already",
      ]);
    });
  });

  describe("the token", () => {
    test("of every claim is another, also for the same job", async () => {
      const { make } = await setup();
      const worker = await make.worker();
      await make.queued();
      const nonces = new Set<string>();
      for (let run = 1; run <= 5; run++) {
        const { token } = await make.mustClaim(worker);
        expect(token.run).toBe(run);
        nonces.add(token.nonce);
        await make.settle(token, released());
      }
      expect(nonces.size).toBe(5);
    });

    test("of a successor is not harmed by what the predecessor tries", async () => {
      const { storage, make } = await setup();
      const first = await make.started({ retries: 1 });
      await storage.reap({ leases: await storage.leases(), error: LOST, now: T0 });
      const second = await make.mustClaim(await make.worker({ queue: first.job.queue, kind: "fifo" }));
      await make.settle(first.token, failed(DEVICE_AWAY), { tail: "zombie" });
      expect(await make.settle(second.token, succeeded(), { tail: "mine" })).toBe("ok");
      expect(await storage.outputs({ ids: [first.token.id] })).toEqual(["mine"]);
    });
  });
}

async function snapshot({ storage }: Fixture, id: string) {
  return {
    job: await storage.get({ ids: [id] }),
    output: await storage.outputs({ ids: [id] }),
    counts: await storage.counts(),
    workers: (await storage.listWorkers({ filter: {}, limit: 100 })).workers,
  };
}
