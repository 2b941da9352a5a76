import { expect } from "bun:test";
import fc from "fast-check";
import type { Job } from "../../../../../src/core/job.ts";
import { HELD, type NewJob } from "../../../../../src/storage/storage.ts";
import { bytes, SECOND } from "../../../../support/factory.ts";
import { BATCH_IDS, type World } from "../world.ts";
import { type Command, choose, command, pick } from "./command.ts";
import { webhookTo } from "./deliveries.ts";

/** So few that everything meets; on a store with shards they lie on several. */
export const QUEUES = ["FifoQ", "pinned_a", "pinned_b", "site/FifoQ"];

const LARGE = 2_000;

export const JOB = fc.record({
  queue: fc.nat(QUEUES.length - 1),
  host: fc.nat(2),
  driver: fc.nat(1),
  batch: fc.nat(3),
  lane: fc.nat(2),
  priority: fc.nat(1),
  retries: fc.nat(2),
  /** Seconds; held: until its batch is released. */
  delay: fc.constantFrom(0, 0, 0, 0, 5, 30, "held" as const),
  ttl: fc.constantFrom(null, null, 15, 60),
  keep: fc.constantFrom(0, 20, 600),
  skew: fc.constantFrom(0, 0, -3_600, 3_600),
  /** Who is told of its end. */
  webhook: fc.constantFrom(null, 0, 0, 1, 2),
  /** Sealed operations of some size may be kept apart from their job. */
  large: fc.boolean(),
});

export type DrawnJob = typeof JOB extends fc.Arbitrary<infer J> ? J : never;

export const ENQUEUEING: Command[] = [
  command("enqueue", 22, { jobs: fc.array(JOB, { minLength: 1, maxLength: 4 }) }, (world, { jobs }) =>
    enqueue(
      world,
      jobs.map((drawn) => newJob(world, drawn)),
    ),
  ),

  command(
    "enqueue under a key",
    3,
    {
      jobs: fc.array(JOB, { minLength: 1, maxLength: 3 }),
      scope: fc.nat(1),
      key: fc.nat(1),
      body: fc.nat(1),
    },
    async (world, { jobs, ...by }) => {
      const idempotency = { scope: `s${by.scope}`, key: `k${by.key}`, fingerprint: `f${by.body}` };
      await enqueue(
        world,
        jobs.map((drawn) => ({ ...newJob(world, drawn), idempotency })),
      );
    },
  ),

  command("enqueue the same again", 3, { which: fc.nat(9) }, async (world, { which }) => {
    const jobs = pick(stillThere(world), which);
    if (jobs) await enqueue(world, jobs);
  }),

  command(
    "enqueue one again with a new one",
    1,
    { which: fc.nat(9), drawn: JOB },
    async (world, { which, drawn }) => {
      const [old] = pick(stillThere(world), which) ?? [];
      if (old && !old.idempotency) await enqueue(world, [old, newJob(world, drawn)]);
    },
  ),
];

/** What was enqueued and is not forgotten: the contract does not say what enqueueing a forgotten job again does. */
function stillThere({ enqueued, jobs }: World): NewJob[][] {
  return enqueued.filter((batch) => batch.every(({ id }) => jobs.get(id)));
}

export function newJob(world: World, drawn: DrawnJob): NewJob {
  const { now, make } = world;
  const given = {
    queue: choose(QUEUES, drawn.queue),
    host: `host-${drawn.host}`,
    driver: choose(["cli", "linux"], drawn.driver),
    batchId: choose([null, ...BATCH_IDS], drawn.batch),
    lane: `lane-${drawn.lane}`,
    priority: drawn.priority,
    retries: drawn.retries,
    runAt: startOf(drawn.delay, now),
    ttlMs: drawn.ttl === null ? null : drawn.ttl * SECOND,
    resultTtlMs: drawn.keep * SECOND,
    createdAt: now + drawn.skew * SECOND,
  };
  const job = make.newJob(given);
  const sealed = bytes(`sealed ${job.id}${"x".repeat(drawn.large ? LARGE : 0)}`);
  return { ...job, sealed, ...(drawn.webhook !== null && { webhook: webhookTo(drawn.webhook, job.id) }) };
}

function startOf(delay: DrawnJob["delay"], now: number): number | null {
  if (delay === "held") return HELD;
  return delay === 0 ? null : now + delay * SECOND;
}

export async function enqueue(world: World, jobs: NewJob[]): Promise<void> {
  const known = jobs.filter(({ id }) => world.jobs.get(id)).length;
  const held = heldBy(world, jobs);
  if (held === "open") return;
  const answer = await world.store.enqueue({ jobs, now: world.now });
  if (held && known === 0) {
    const same = held.fingerprint === jobs[0]?.idempotency?.fingerprint;
    const { jobs: found, ...outcome } = { jobs: [], ...answer };
    expect(outcome).toEqual({ outcome: same ? "duplicate" : "mismatch" });
    expect(found.toSorted((a, b) => a.seq - b.seq)).toEqual(same ? held.jobs : []);
    return;
  }
  if (answer.outcome !== "stored") throw new Error(`enqueue answered ${answer.outcome}`);
  expect(answer.jobs.map(({ id }) => id)).toEqual(jobs.map(({ id }) => id));
  for (const [n, given] of jobs.entries()) expectStored(world, given, answer.jobs[n]);
  remember(world, jobs);
}

function expectStored(world: World, given: NewJob, job: Job | undefined): void {
  const known = world.jobs.get(given.id);
  if (known) return expect(job).toEqual(known.job);
  world.expectNewSeq(given.id, job?.seq ?? Number.NaN);
  expect(job).toEqual(world.jobs.add(given, job?.seq ?? Number.NaN, world.now).job);
}

function remember(world: World, jobs: NewJob[]): void {
  world.enqueued.push(jobs);
  const key = jobs[0]?.idempotency;
  if (key) {
    const ids = jobs.map(({ id }) => id);
    world.keys.set(`${key.scope} ${key.key}`, { fingerprint: key.fingerprint, ids });
  }
}

/**
 * The jobs that hold the key of these; null when it is free. `open`: some of those that held it were forgotten and
 * others not, where the contract does not say who holds it now.
 */
function heldBy(world: World, jobs: NewJob[]): { fingerprint: string; jobs: Job[] } | "open" | null {
  const key = jobs[0]?.idempotency;
  const held = key && world.keys.get(`${key.scope} ${key.key}`);
  if (!held) return null;
  const there = world.jobs.list().filter(({ id }) => held.ids.includes(id));
  if (there.length === 0) return null;
  return there.length < held.ids.length ? "open" : { fingerprint: held.fingerprint, jobs: there };
}
