import fc from "fast-check";
import type { JobFilter, WorkerFilter } from "../../../../src/storage/storage.ts";
import { WORKER_STATUSES } from "../../../../src/storage/storage.ts";
import { MINUTE } from "../../../support/factory.ts";
import type { World } from "./world.ts";

type Choice<F> = { [K in keyof F]?: number | undefined };

const seldom = fc.oneof(
  { weight: 4, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.nat(5) },
);

/** Some conditions on jobs. Each number chooses a value that some job has, or one that none has. */
export const FILTER: fc.Arbitrary<Choice<JobFilter>> = fc.record({
  queue: seldom,
  status: seldom,
  node: seldom,
  host: seldom,
  worker: seldom,
  driver: seldom,
  batchId: seldom,
  since: seldom,
  until: seldom,
});

export function filterOf(world: World, { since, until, ...fields }: Choice<JobFilter>): JobFilter {
  const jobs = world.jobs.list();
  const time = (n: number) => world.now + (n - 3) * MINUTE;
  const filter: JobFilter = {};
  for (const [field, n] of Object.entries(fields)) {
    const name = field as "queue";
    const values = [...new Set(jobs.map((job) => job[name]).filter((value) => value !== null))];
    if (n !== undefined) filter[name] = values[n % (values.length + 1)] ?? "nobody's";
  }
  return {
    ...filter,
    ...(since === undefined ? {} : { since: time(since) }),
    ...(until === undefined ? {} : { until: time(until) }),
  };
}

/** Some conditions on workers, likewise; mostly just a name. */
export const WORKER_FILTER: fc.Arbitrary<Choice<WorkerFilter>> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ name: fc.nat(9) }) },
  {
    weight: 1,
    arbitrary: fc.record({ name: seldom, queue: seldom, node: seldom, host: seldom, status: seldom }),
  },
);

export function workerFilterOf(world: World, { status, ...fields }: Choice<WorkerFilter>): WorkerFilter {
  const filter: WorkerFilter = {};
  for (const [field, n] of Object.entries(fields)) {
    const name = field as "name";
    const values = [...new Set(world.fleet.list({}).map((worker) => worker[name]))];
    if (n !== undefined) filter[name] = values[n % (values.length + 1)] ?? "nobody's";
  }
  const wanted = status === undefined ? undefined : WORKER_STATUSES[status % WORKER_STATUSES.length];
  return wanted === undefined ? filter : { ...filter, status: wanted };
}
