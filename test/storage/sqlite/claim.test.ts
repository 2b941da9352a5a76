import { afterEach, describe, expect, test } from "bun:test";
import type { Hint } from "../../../src/storage/storage.ts";
import { Factory, T0 } from "../../support/factory.ts";
import { reading, sqliteBackend } from "./backend.ts";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function store() {
  const { path, storage, dispose } = await sqliteBackend();
  ends.push(dispose);
  await storage.migrate();
  const make = new Factory(storage);

  /** As a damaged file or a careless hand would: the jobs stay, what they would run is gone. */
  function loseOperations(...jobs: { seq: number }[]): void {
    reading(path, (db) => {
      const lose = db.prepare("DELETE FROM payloads WHERE seq = ?");
      for (const { seq } of jobs) lose.run(seq);
      lose.finalize();
    });
  }

  return { storage, make, loseOperations };
}

const LOST = {
  status: "failed",
  result: { type: "failed", error: { type: "InternalError", retryable: false } },
};

describe("a job that has lost its sealed operation", () => {
  test("fails when its turn comes, and holds up neither its queue nor the others", async () => {
    const { storage, make, loseOperations } = await store();
    const node = await make.node();
    const one = await make.worker({ queue: "one", kind: "fifo" }, node);
    const other = await make.worker({ queue: "other", kind: "fifo" }, node);
    const broken = await make.queued({ queue: "one" });
    const next = await make.queued({ queue: "one" });
    const elsewhere = await make.queued({ queue: "other" });
    loseOperations(broken);
    const hints: Hint[] = [];
    storage.subscribe((hint) => hints.push(hint));

    const claims = await storage.claim({
      op: make.op(),
      node: node.name,
      incarnation: node.incarnation,
      requests: [one, other].map(({ name, queue }) => ({ worker: name, queue })),
      now: T0,
    });

    expect(claims.map(({ token }) => token.id)).toEqual([next.id, elsewhere.id]);
    expect(await storage.get({ ids: [broken.id] })).toMatchObject([LOST]);
    expect(hints).toContainEqual({ kind: "job", id: broken.id, status: "failed" });
    expect(hints).not.toContainEqual({ kind: "job", id: broken.id, status: "started" });
    expect(await storage.counts()).toMatchObject({ queued: 0, started: 2, failed: 1 });
  });

  test("does so too where it is one of very many", async () => {
    const { storage, make, loseOperations } = await store();
    const worker = await make.worker();
    const broken = await make.queuedAll(Array.from({ length: 250 }, () => ({})));
    const next = await make.queued();
    loseOperations(...broken);
    expect((await make.mustClaim(worker)).token.id).toBe(next.id);
    expect(await storage.counts()).toMatchObject({ queued: 0, started: 1, failed: 250 });
  });

  test("after it was claimed: a repeat of the call leaves it out", async () => {
    const { storage, make, loseOperations } = await store();
    const worker = await make.worker();
    const job = await make.queued();
    const params = {
      op: make.op(),
      node: worker.node,
      incarnation: worker.incarnation,
      requests: [{ worker: worker.name, queue: worker.queue }],
      now: T0,
    };
    expect(await storage.claim(params)).toHaveLength(1);
    loseOperations(job);
    expect(await storage.claim(params)).toEqual([]);
    expect(await storage.get({ ids: [job.id] })).toMatchObject([LOST]);
  });
});

describe("a request that is refused", () => {
  test("leaves delayed jobs as they are: their lane gets its place when somebody may claim", async () => {
    const { storage, make } = await store();
    const node = await make.node();
    const worker = await make.worker({ queue: "one", kind: "fifo" }, node);
    const elsewhere = await make.worker({ queue: "two", kind: "fifo" }, node);
    await make.queuedAll([{ queue: "one", lane: "delayed", host: "delayed", runAt: T0 + 1 }]);
    const now = T0 + 2;
    const requests = [{ worker: elsewhere.name, queue: "one" }];
    expect(
      await storage.claim({ op: make.op(), node: node.name, incarnation: node.incarnation, requests, now }),
    ).toEqual([]);
    const jobs = ["prompt", "delayed"].map((lane) => ({ queue: "one", lane, host: lane }));
    await make.queuedAll(jobs, now);
    expect((await make.mustClaim(worker, now)).job.host).toBe("prompt");
  });
});
