import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { JOB_STATUSES } from "../../../src/core/job.ts";
import type { RedisLink } from "../../../src/storage/redis/link.ts";
import { list } from "../../../src/storage/redis/methods/list.ts";
import { get } from "../../../src/storage/redis/methods/read.ts";
import { scan } from "../../../src/storage/redis/scan.ts";
import type { JobFilter } from "../../../src/storage/storage.ts";
import { SECOND, T0 } from "../../support/factory.ts";
import { type Redis, startRedis } from "../../support/redis.ts";
import { watched } from "./cut-link.ts";
import { Links } from "./links.ts";
import { putJobs, type StoredJob, storedJob } from "./stored-jobs.ts";

const links = new Links();
let redis: Redis;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.stop());
afterEach(() => links.close());

/** A worker belongs to one node and serves one queue. */
const WORKERS = [
  { worker: "w1", node: "n1", queue: "FifoQ" },
  { worker: "w2", node: "n2", queue: "FifoQ" },
  { worker: "w3", node: "n1", queue: "pinned_a" },
  { worker: null, node: null, queue: "pinned_b" },
  { worker: null, node: null, queue: "FifoQ" },
];

const some = <T>(...values: T[]) => fc.option(fc.constantFrom(...values), { nil: undefined, freq: 2 });
const moment = fc.integer({ min: T0, max: T0 + 100 * SECOND });

const aJob = fc.record({
  status: fc.constantFrom(...JOB_STATUSES),
  ran: fc.constantFrom(...WORKERS),
  host: fc.constantFrom("a", "b"),
  driver: fc.constantFrom("cli", "linux"),
  batchId: fc.constantFrom(null, "b1", "b2"),
  createdAt: moment,
});

const aFilter = fc.record({
  status: some(...JOB_STATUSES),
  queue: some("FifoQ", "pinned_a", "pinned_b", "nobody's"),
  host: some("a", "b"),
  driver: some("cli", "linux"),
  node: some("n1", "n2"),
  worker: some("w1", "w2", "w3"),
  batchId: some("b1", "b2"),
  since: fc.option(moment, { nil: undefined, freq: 3 }),
  until: fc.option(moment, { nil: undefined, freq: 3 }),
});

describe.each([1, 3])("list over %i shards", (shards) => {
  test("finds for any filter just what matches, in order, page by page", async () => {
    const link = await links.open(redis, { shards });
    const drawn = fc.sample(aJob, { numRuns: 2_000, seed: 1 });
    const jobs = drawn.map(({ ran, ...given }, place) => storedJob(place, { ...given, ...ran }, shards));
    await putJobs(link, jobs);
    await fc.assert(
      fc.asyncProperty(
        aFilter,
        fc.boolean(),
        fc.constantFrom(40, 251, 1_000),
        async (drawnFilter, ascending, limit) => {
          const filter = given(drawnFilter);
          const expected = idsOf(jobs.filter((job) => matches(job, filter)));
          const found = await all(link, filter, ascending ? "asc" : "desc", limit);
          expect(found).toEqual(ascending ? expected : expected.toReversed());
        },
      ),
      { numRuns: 150 },
    );
  }, 60_000);

  test("is short only at the end, however much does not match in between", async () => {
    const link = await links.open(redis, { shards });
    const jobs = Array.from({ length: 6_000 }, (_, place) =>
      storedJob(place, { host: place % 2 ? "a" : "b", driver: place % 600 === 0 ? "cli" : "linux" }, shards),
    );
    await putJobs(link, jobs);
    const { jobs: page, next } = await list(link)({
      filter: { host: "b", driver: "cli" },
      order: "desc",
      limit: 9,
    });
    expect(page).toHaveLength(9);
    expect(next).toBe(page.at(-1)?.seq ?? Number.NaN);
  });
});

describe("a step", () => {
  test("looks at some hundred blocks, whatever the filter: others have their turn", async () => {
    const link = await links.open(redis);
    const jobs = Array.from({ length: 600 }, (_, place) =>
      storedJob(place, place < 2 ? { host: "b" } : {}, 1),
    );
    await putJobs(link, jobs, { perBlock: 1 });
    const { found, steps } = await counted(link, { host: "b" });
    expect(found).toEqual(idsOf(jobs.slice(0, 2)));
    expect(steps).toBeWithin(3, 5);
  });

  test("reads some hundred records for their moment, and none of a block that lies within", async () => {
    const link = await links.open(redis);
    const jobs = Array.from({ length: 5_000 }, (_, place) => storedJob(place, { createdAt: T0 + place }, 1));
    await putJobs(link, jobs);
    const { found, steps } = await counted(link, { since: T0 + 1_000, until: T0 + 4_000 });
    expect(found).toEqual(idsOf(jobs.slice(1_000, 4_000)));
    // Those of the two outermost blocks by their records, the rest by its marks: a full answer each.
    expect(steps).toBeWithin(13, 22);
  });

  test("finds the few of two wide conditions that hardly meet without reading what does not match", async () => {
    const link = await links.open(redis);
    const jobs = Array.from({ length: 10_000 }, (_, place) =>
      storedJob(place, place % 2 || place === 7_000 ? { host: "a" } : { driver: "linux" }, 1),
    );
    await putJobs(link, jobs);
    expect(await counted(link, { host: "h", driver: "cli" })).toEqual({ found: [], steps: 1 });
    expect((await counted(link, { host: "a", driver: "cli", status: "finished" })).found).toHaveLength(5_001);
  });

  test("gives ids alone to who wants no more", async () => {
    const link = await links.open(redis);
    const jobs = Array.from({ length: 20 }, (_, place) => storedJob(place, {}, 1));
    await putJobs(link, jobs);
    const params = { filter: {}, order: "asc", give: "ids" } as const;
    const first = await scan(link, 0, { ...params, limit: 15, after: null });
    expect(first).toEqual({
      flat: idsOf(jobs.slice(0, 15)).map((id) => Buffer.from(id)),
      next: jobs[14]?.seq ?? 0,
    });
    const rest = await scan(link, 0, { ...params, limit: 15, after: first.next });
    expect(rest).toEqual({ flat: idsOf(jobs.slice(15)).map((id) => Buffer.from(id)), next: null });
  });
});

test("a job that was erased does not keep the others from being listed", async () => {
  const prefix = redis.freshPrefix();
  const link = await links.open(redis, { prefix });
  const jobs = Array.from({ length: 3 }, (_, place) => storedJob(place, {}, 1));
  await putJobs(link, jobs);
  await redis.cli("DEL", `{${prefix}:0}:job:${jobs[1]?.id}`);
  expect(await all(link, {}, "asc", 2)).toEqual([jobs[0]?.id ?? "", jobs[2]?.id ?? ""]);
});

test("get answers more jobs than go into one command, of all shards", async () => {
  const link = await links.open(redis, { shards: 3 });
  const jobs = Array.from({ length: 1_700 }, (_, place) => storedJob(place, { queue: `q${place % 9}` }, 3));
  await putJobs(link, jobs);
  const asked = [...idsOf(jobs), "job_unknown", jobs[5]?.id ?? ""];
  const got = await get(link)({ ids: asked });
  expect(got.map((job) => job?.id)).toEqual(asked.map((id) => (id === "job_unknown" ? undefined : id)));
});

function idsOf(jobs: StoredJob[]): string[] {
  return jobs.map(({ id }) => id);
}

/** Without the conditions that were not drawn. */
function given(drawn: { [K in keyof JobFilter]: JobFilter[K] | undefined }): JobFilter {
  return Object.fromEntries(Object.entries(drawn).filter(([, value]) => value !== undefined));
}

function matches(
  job: StoredJob,
  { since = 0, until = Number.POSITIVE_INFINITY, ...filter }: JobFilter,
): boolean {
  if (job.createdAt < since || job.createdAt >= until) return false;
  return Object.entries(filter).every(([key, value]) => job[key as keyof typeof filter] === value);
}

/** Every id that matches, read page by page. */
async function all(
  link: RedisLink,
  filter: JobFilter,
  order: "asc" | "desc",
  limit: number,
): Promise<string[]> {
  const found: string[] = [];
  for (let after: number | null | undefined; after !== null; ) {
    const page = await list(link)({ filter, order, limit, ...(after === undefined ? {} : { after }) });
    found.push(...page.jobs.map(({ id }) => id));
    if (page.next !== null) expect(page.jobs).toHaveLength(limit);
    after = page.next;
  }
  return found;
}

/** One page that takes all, and how many steps it took. */
async function counted(link: RedisLink, filter: JobFilter): Promise<{ found: string[]; steps: number }> {
  let steps = 0;
  const counting = watched(link, () => {
    steps += 1;
  });
  const found = await all(counting, filter, "asc", 10_000);
  return { found, steps };
}
