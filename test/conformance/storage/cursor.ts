import { describe, expect, test } from "bun:test";
import { isFinal, type Job } from "../../../src/core/job.ts";
import { failed, type JobFilter, type NewWorker, released, succeeded } from "../../../src/storage/storage.ts";
import { DEVICE_AWAY, T0 } from "../../support/factory.ts";
import type { Fixture, Setup } from "./fixture.ts";

const QUEUES = ["FifoQ", "pinned_a", "pinned_b", "site/FifoQ"];
/** So long that nothing is forgotten but what was kept for no time at all. */
const NOW = T0 + 1;

export function cursorConformance(setup: Setup): void {
  describe.each(["asc", "desc"] as const)(
    "a cursor, %s, while jobs arrive, run, end and are forgotten",
    (order) => {
      test.each<JobFilter>([
        {},
        { host: "wanted" },
        { driver: "cli", batchId: "batch_1" },
        { status: "finished" },
      ])("with %j shows each job that was there throughout, once, in order", async (filter) => {
        const fixture = await setup();
        const { storage } = fixture;
        const throughout = (await crowd(fixture)).filter((job) => matches(job, filter));
        expect(throughout.length).toBeGreaterThan(15);
        const writer = new Writer(fixture);
        const writing = writer.run();
        const seen: Job[] = [];
        for (let after: number | null | undefined; after !== null; ) {
          const before = writer.changes;
          const at = after === undefined ? {} : { after };
          const page = await storage.list({ filter, order, limit: 5, ...at });
          seen.push(...page.jobs);
          after = page.next;
          await writer.untilAfter(before);
        }
        writer.stop();
        await writing;
        const seqs = seen.map(({ seq }) => seq);
        expect(seqs).toEqual(seqs.toSorted((a, b) => (order === "asc" ? a - b : b - a)));
        expect(new Set(seqs).size).toBe(seqs.length);
        // It did change meanwhile, page after page.
        expect(writer.changes).toBeGreaterThanOrEqual(Math.floor(throughout.length / 5));
        const shown = new Set(seen.map(({ id }) => id));
        expect(throughout.filter(({ id }) => !shown.has(id))).toEqual([]);
        expect(seen.filter((job) => !matches(job, filter))).toEqual([]);
      });
    },
  );
}

/** Jobs of all kinds that nobody will touch any more, between some that will end or be forgotten. */
async function crowd({ storage, make }: Fixture): Promise<Job[]> {
  const kept: string[] = [];
  for (let n = 0; n < 120; n++) {
    const given = { host: n % 2 === 0 ? "wanted" : "other", batchId: "batch_1" };
    if (n % 3 === 0) kept.push((await make.inStatus("finished", given)).id);
    else if (n % 3 === 1) await make.inStatus("cancelled", { ...given, resultTtlMs: 0 });
    else await make.queued({ ...given, queue: QUEUES[n % QUEUES.length] ?? "" });
  }
  return (await storage.get({ ids: kept })).filter((job) => job !== null && isFinal(job.status)) as Job[];
}

/** Enough for all pages, and so few that a reader in ascending order reaches the end. */
const TURNS = 150;

/** Somebody else who changes the store without a pause. */
class Writer {
  /** How many changes have been made. */
  changes = 0;
  #stopped = false;
  #waiting: (() => void)[] = [];
  readonly #fixture: Fixture;

  constructor(fixture: Fixture) {
    this.#fixture = fixture;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Resolves when there were more changes than these, or there will be none. */
  async untilAfter(changes: number): Promise<void> {
    while (this.changes === changes && !this.#stopped)
      await new Promise<void>((resume) => this.#waiting.push(resume));
  }

  async run(): Promise<void> {
    try {
      await this.#write();
    } finally {
      this.#stopped = true;
      this.#wake();
    }
  }

  async #write(): Promise<void> {
    const { connect, make } = this.#fixture;
    const store = await connect();
    const workers: NewWorker[] = [];
    for (const queue of QUEUES) workers.push(await make.worker({ queue }));
    for (let turn = 0; turn < TURNS && !this.#stopped; turn++) {
      const worker = workers[turn % workers.length];
      if (!worker) throw new Error("no worker");
      await make.queued({ queue: worker.queue, host: "wanted", batchId: "batch_1", resultTtlMs: 0 });
      const claim = await make.claim(worker, NOW);
      const outcomes = [succeeded(), failed(DEVICE_AWAY), released()];
      if (claim) await make.settle(claim.token, outcomes[turn % 3] ?? released(), { now: NOW });
      await store.cancelQueued({ op: make.op(), filter: { queue: "pinned_b" }, now: NOW });
      await store.prune({ max: 2, now: NOW });
      this.changes += 1;
      this.#wake();
    }
  }

  #wake(): void {
    for (const resume of this.#waiting.splice(0)) resume();
  }
}

function matches(job: Job, filter: JobFilter): boolean {
  return Object.entries(filter).every(([field, value]) => job[field as "host"] === value);
}
