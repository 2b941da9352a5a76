import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { isFinal, type Job, TRANSITIONS } from "../../../src/core/job.ts";
import {
  type Claim,
  failed,
  type NewWorker,
  released,
  retryLater,
  succeeded,
} from "../../../src/storage/storage.ts";
import { DEVICE_AWAY, EXPIRED, LOST, SECOND, T0 } from "../../support/factory.ts";
import type { Fixture, Setup } from "./fixture.ts";

const QUEUES = ["FifoQ", "pinned_a", "pinned_b"];

/** What may happen next; the numbers choose among what there is. */
const STEP = fc.record({
  act: fc.constantFrom(
    ...(["enqueue", "enqueue", "enqueue", "claim", "claim", "claim", "settle", "settle"] as const),
    ...(["cancel", "cancelQueued", "reap", "expire", "prune", "repeat", "pass"] as const),
  ),
  which: fc.nat(1_000),
  variant: fc.nat(1_000),
});
type Step = typeof STEP extends fc.Arbitrary<infer S> ? S : never;

export function randomConformance(setup: Setup): void {
  describe("whatever happens, in whatever order", () => {
    test("jobs change only as the table of transitions allows, and every count is right", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(STEP, { minLength: 10, maxLength: 60 }), async (steps) => {
          const world = await World.create(await setup());
          for (const step of steps) await world.take(step);
        }),
        { numRuns: 25 },
      );
    }, 120_000);
  });
}

class World {
  readonly #fixture: Fixture;
  readonly #workers: NewWorker[];
  /** Every claim ever made, also those that are over: zombies act as well. */
  readonly #claims: Claim[] = [];
  #jobs = new Map<string, Job>();
  #now = T0;

  constructor(fixture: Fixture, workers: NewWorker[]) {
    this.#fixture = fixture;
    this.#workers = workers;
  }

  static async create(fixture: Fixture): Promise<World> {
    const node = await fixture.make.node();
    const workers: NewWorker[] = [];
    for (const queue of [...QUEUES, "FifoQ"]) workers.push(await fixture.make.worker({ queue }, node));
    return new World(fixture, workers);
  }

  async take(step: Step): Promise<void> {
    await this.#act(step);
    await this.#check();
  }

  async #act({ act, which, variant }: Step): Promise<void> {
    const { storage, make } = this.#fixture;
    const now = this.#now;
    switch (act) {
      case "enqueue":
        await this.#enqueue(which, variant);
        return;
      case "claim": {
        const claim = await make.claim(pick(this.#workers, which), now);
        if (claim) this.#claims.push(claim);
        return;
      }
      case "settle":
      case "repeat":
        await this.#settle(which, variant);
        return;
      case "cancel":
        if (this.#jobs.size === 0) return;
        await storage.cancel({
          op: make.op(),
          id: pick([...this.#jobs.keys()], which),
          abort: variant % 2 === 0,
          now,
        });
        return;
      case "cancelQueued":
        await storage.cancelQueued({ op: make.op(), filter: { queue: pick(QUEUES, which) }, now });
        return;
      case "reap":
        await storage.reap({ leases: (await storage.leases()).slice(0, 1 + (which % 2)), error: LOST, now });
        return;
      case "expire":
        await storage.expire({ max: 1 + (which % 5), error: EXPIRED, now });
        return;
      case "prune":
        await storage.prune({ max: 1 + (which % 5), now });
        return;
      case "pass":
        this.#now += (variant % 20) * SECOND;
    }
  }

  async #enqueue(which: number, variant: number): Promise<void> {
    const delayed = variant % 4 === 0;
    const { make } = this.#fixture;
    await make.queued(
      {
        queue: pick(QUEUES, which),
        lane: `lane ${variant % 3}`,
        priority: variant % 2,
        runAt: delayed ? this.#now + 5 * SECOND : null,
        ttlMs: variant % 5 === 0 ? 15 * SECOND : null,
        resultTtlMs: 20 * SECOND,
        retries: variant % 3,
      },
      this.#now,
    );
  }

  async #settle(which: number, variant: number): Promise<void> {
    if (this.#claims.length === 0) return;
    const { token } = pick(this.#claims.slice(-6), which);
    const outcomes = [
      succeeded(),
      failed(DEVICE_AWAY),
      retryLater(DEVICE_AWAY, 0),
      retryLater(DEVICE_AWAY, 5 * SECOND),
      released(),
    ];
    await this.#fixture.make.settle(token, pick(outcomes, variant), { now: this.#now, tail: "output" });
  }

  async #check(): Promise<void> {
    const { storage } = this.#fixture;
    const { jobs } = await storage.list({ filter: {}, order: "asc", limit: 1_000 });
    for (const job of jobs) expectLegal(this.#jobs.get(job.id), job);
    this.#expectOnlyEndedForgotten(jobs);
    this.#jobs = new Map(jobs.map((job) => [job.id, job]));

    const counts = await storage.counts();
    for (const [status, n] of Object.entries(counts)) {
      expect([status, n]).toEqual([status, jobs.filter((job) => job.status === status).length]);
    }
    const queued = Object.groupBy(
      jobs.filter(({ status }) => status === "queued"),
      ({ queue }) => queue,
    );
    const depths = Object.fromEntries((await storage.queues()).map(({ queue, depth }) => [queue, depth]));
    expect(depths).toEqual(
      Object.fromEntries(Object.entries(queued).map(([queue, all]) => [queue, all?.length ?? 0])),
    );
    expectSerial(jobs);
  }

  #expectOnlyEndedForgotten(jobs: Job[]): void {
    const there = new Set(jobs.map(({ id }) => id));
    for (const job of this.#jobs.values()) {
      if (!there.has(job.id)) expect([job.id, isFinal(job.status)]).toEqual([job.id, true]);
    }
  }
}

const LEGAL = new Set(Object.values(TRANSITIONS).map(({ from, to }) => `${from} -> ${to}`));

function expectLegal(before: Job | undefined, after: Job): void {
  if (!before) {
    expect(after.status).toBe("queued");
    return;
  }
  const change = `${before.status} -> ${after.status}`;
  expect(before.status === after.status || LEGAL.has(change) ? "legal" : change).toBe("legal");
  if (isFinal(before.status)) expect(after).toEqual(before);
  expect(isFinal(after.status)).toBe(after.endedAt !== null);
  expect(after.status === "started" ? after.startedAt !== null : true).toBe(true);
  expect(after.seq).toBe(before.seq);
}

/** At most one started job for each pinned queue and for each worker. */
function expectSerial(jobs: Job[]): void {
  const started = jobs.filter(({ status }) => status === "started");
  const pinned = started.map(({ queue }) => queue).filter((queue) => queue.startsWith("pinned_"));
  expect(pinned).toHaveLength(new Set(pinned).size);
  const workers = started.map(({ worker }) => worker);
  expect(workers).toHaveLength(new Set(workers).size);
}

function pick<T>(from: readonly T[], n: number): T {
  const picked = from[n % from.length];
  if (picked === undefined) throw new Error("nothing to pick from");
  return picked;
}
