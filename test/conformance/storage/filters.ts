import { describe, expect, test } from "bun:test";
import { JOB_STATUSES, type Job } from "../../../src/core/job.ts";
import type { JobFilter, Storage } from "../../../src/storage/storage.ts";
import { MINUTE, SECOND, T0 } from "../../support/factory.ts";
import type { Fixture, Setup } from "./fixture.ts";

const FIELDS = [
  "queue",
  "status",
  "node",
  "host",
  "worker",
  "driver",
  "batchId",
  "since",
  "until",
] as const satisfies (keyof JobFilter)[];
type Field = (typeof FIELDS)[number];

/** Two values of each field that some jobs have, and one that none has. */
type Values = Record<Field, JobFilter[]>;

export function filtersConformance(setup: Setup): void {
  describe("filters", () => {
    test("each alone, and every pair of them, find what a look at all jobs finds", async () => {
      const fixture = await setup();
      const jobs = await mixedJobs(fixture);
      const values = valuesOf(jobs);
      for (const filter of pairs(values)) await expectFound(fixture.storage, jobs, filter);
    }, 60_000);

    test("all of them together, and any number of them, too", async () => {
      const fixture = await setup();
      const jobs = await mixedJobs(fixture);
      // Each job is described completely, then with one condition after another left out.
      for (const job of jobs.filter(({ node }, n) => node !== null && n % 5 === 0)) {
        const { queue, status, node, host, worker, driver, batchId, createdAt } = job;
        const fields = Object.entries({ queue, status, node, host, worker, driver, batchId });
        const given = fields.filter(([, value]) => value !== null);
        for (let left = 0; left <= given.length; left++) {
          const rest = Object.fromEntries(given.slice(left)) as JobFilter;
          await expectFound(fixture.storage, jobs, { ...rest, since: createdAt, until: createdAt + 1 });
          await expectFound(fixture.storage, jobs, rest);
        }
      }
    }, 60_000);

    test("cancel just the queued ones of what they find, every pair of them", async () => {
      const fixture = await setup();
      const jobs = await mixedJobs(fixture);
      const queued = new Set(jobs.filter(({ status }) => status === "queued").map(({ id }) => id));
      for (const filter of pairs(valuesOf(jobs))) {
        const { op } = { op: fixture.make.op() };
        const expected = jobs.filter((job) => matches(job, filter) && queued.delete(job.id));
        const { ids } = await fixture.storage.cancelQueued({ op, filter, now: T0 });
        expect([filter, ids.toSorted()]).toEqual([filter, expected.map(({ id }) => id).toSorted()]);
      }
      expect((await fixture.storage.counts()).queued).toBe(queued.size);
    }, 60_000);
  });
}

/** Some ninety jobs whose fields have nothing to do with each other, as `get` shows them, by sequence. */
async function mixedJobs({ storage, make }: Fixture): Promise<Job[]> {
  const ids: string[] = [];
  for (let n = 0; n < 90; n++) {
    const status = JOB_STATUSES[n % JOB_STATUSES.length] ?? "queued";
    const { id } = await make.inStatus(status, {
      host: `host-${n % 3}`,
      driver: n % 2 === 0 ? "cli" : "linux",
      batchId: n % 7 < 3 ? null : `batch_${n % 4}`,
      createdAt: T0 + ((n * 37) % 90) * SECOND,
      // What runs gets queues of its own from the factory; the rest shares some.
      ...(status === "queued" || status === "cancelled" ? { queue: `pinned_${n % 4}` } : {}),
    });
    ids.push(id);
  }
  const jobs = (await storage.get({ ids })).filter((job) => job !== null);
  return jobs.toSorted((a, b) => a.seq - b.seq);
}

function valuesOf(jobs: Job[]): Values {
  const equal = (field: Exclude<Field, "since" | "until">): JobFilter[] => {
    const there = [...new Set(jobs.map((job) => job[field]))].filter((value) => value !== null);
    return [there[0], there.at(-1), "nobody's"].map((value) => ({ [field]: value }));
  };
  const times = [T0 + 30 * SECOND, T0 + MINUTE];
  return {
    queue: equal("queue"),
    status: JOB_STATUSES.map((status) => ({ status })),
    node: equal("node"),
    host: equal("host"),
    worker: equal("worker"),
    driver: equal("driver"),
    batchId: equal("batchId"),
    since: times.map((since) => ({ since })),
    until: times.map((until) => ({ until })),
  };
}

function pairs(values: Values): JobFilter[] {
  const singles = FIELDS.flatMap((field) => values[field]);
  const both = FIELDS.flatMap((one, n) =>
    FIELDS.slice(n + 1).flatMap((two) =>
      values[one].flatMap((a) => values[two].map((b) => ({ ...a, ...b }))),
    ),
  );
  return [...singles, ...both];
}

/** Page by page, in either order. */
async function expectFound(storage: Storage, jobs: Job[], filter: JobFilter): Promise<void> {
  const expected = jobs.filter((job) => matches(job, filter));
  for (const order of ["asc", "desc"] as const) {
    const limit = Math.max(1, Math.ceil(expected.length / 2));
    const found: Job[] = [];
    for (let after: number | null | undefined; after !== null; ) {
      const page = await storage.list({ filter, order, limit, ...(after === undefined ? {} : { after }) });
      found.push(...page.jobs);
      after = page.next;
    }
    expect([filter, order, found]).toEqual([
      filter,
      order,
      order === "asc" ? expected : expected.toReversed(),
    ]);
  }
}

function matches(job: Job, { since, until, ...equal }: JobFilter): boolean {
  if (since !== undefined && job.createdAt < since) return false;
  if (until !== undefined && job.createdAt >= until) return false;
  return Object.entries(equal).every(([field, value]) => job[field as keyof typeof equal] === value);
}
