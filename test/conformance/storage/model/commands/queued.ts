import { expect } from "bun:test";
import fc from "fast-check";
import { shardOfId } from "../../../../../src/core/ids.ts";
import { isFinal } from "../../../../../src/core/job.ts";
import { OWED_MS } from "../../../../../src/storage/deliveries.ts";
import type { CancelOutcome, JobFilter } from "../../../../../src/storage/storage.ts";
import { EXPIRED } from "../../../../support/factory.ts";
import { FILTER, filterOf } from "../filters.ts";
import { isForgettable, isStale, type Known } from "../jobs.ts";
import { KEPT, type World } from "../world.ts";
import { type Command, command, pick } from "./command.ts";

export const QUEUED: Command[] = [
  command("cancel", 5, { which: fc.nat(30), abort: fc.boolean() }, async (world, { which, abort }) => {
    const id = pick([...world.jobs.all.keys()], which) ?? "job_unknown";
    const call = { op: world.make.op(), id, abort, now: world.now };
    const expected = cancelled(world, id, abort);
    expect(await world.store.cancel(call)).toEqual(expected);
    world.repeatLater(async () => {
      expect(await world.store.cancel({ ...call, now: world.now })).toEqual(expected);
    });
  }),

  command("cancelQueued", 2, { choice: FILTER }, async (world, { choice }) => {
    await cancelQueued(world, filterOf(world, choice));
  }),

  command("expire", 3, { max: fc.integer({ min: 1, max: 6 }) }, async (world, { max }) => {
    const { now } = world;
    const due = known(world).filter((each) => each.job.status === "queued" && isStale(each, now));
    const { ids } = await world.store.expire({ max, error: EXPIRED, now });
    const chosen = ids.map((id) => world.jobs.must(id));
    expectFirst({ chosen, due, max }, ({ job }) => job.expiresAt ?? Number.NaN);
    for (const each of chosen) world.jobs.expire(each, EXPIRED, now);
  }),

  command("prune", 6, { max: fc.integer({ min: 1, max: 6 }) }, async (world, { max }) => {
    const { now } = world;
    const ended = known(world).filter((each) => isForgettable(each, now));
    const isOwed = ({ job }: Known) => world.deliveries.isPending(job.id);
    const due = ended.filter((each) => !isOwed(each));
    const certain = due.filter(({ putOffUntil }) => putOffUntil <= now);
    const { pruned } = await world.store.prune({ max, now });
    const left = await world.store.get({ ids: due.map(({ job }) => job.id) });
    const chosen = due.filter((_, n) => left[n] === null).toSorted((a, b) => a.keptUntil - b.keptUntil);
    expect(pruned).toBe(chosen.length);
    // One that is put off counts among the first, and whether it was is not shown.
    if (certain.length === ended.length) expectFirst({ chosen, due, max }, ({ keptUntil }) => keptUntil);
    else if (ended.length <= max) expect(certain.filter((each) => !chosen.includes(each))).toEqual([]);
    expect(chosen.length).toBeLessThanOrEqual(max);
    for (const each of ended.filter(isOwed)) each.putOffUntil = now + OWED_MS;
    for (const { job } of chosen) world.jobs.forget(job.id);
  }),

  command("repeat an operation", 4, { which: fc.nat(9) }, async (world, { which }) => {
    const kept = world.repeatable.filter(({ at }) => world.now - at < KEPT);
    await pick(kept, which)?.again();
  }),
];

export async function cancelQueued(world: World, filter: JobFilter): Promise<void> {
  const call = { op: world.make.op(), filter, now: world.now };
  const jobs = world.jobs.list(filter).filter(({ status }) => status === "queued");
  for (const { id } of jobs) world.jobs.cancel(world.jobs.must(id), world.now);
  const expected = jobs.map(({ id }) => id).toSorted();
  const same = async () => expect((await world.store.cancelQueued(call)).ids.toSorted()).toEqual(expected);
  await same();
  world.repeatLater(same);
}

/** Does in the model what `cancel` does. */
function cancelled(world: World, id: string, abort: boolean): CancelOutcome {
  const each = world.jobs.get(id);
  if (!each) return { outcome: "not_found" };
  const { status } = each.job;
  if (isFinal(status)) return { outcome: "ended", status };
  if (status === "queued") {
    world.jobs.cancel(each, world.now);
    return { outcome: "cancelled" };
  }
  if (!abort) return { outcome: "started" };
  each.abort = true;
  return { outcome: "abort_requested" };
}

function known(world: World): Known[] {
  return [...world.jobs.all.values()];
}

/** Of what is due, the first by their time were chosen, in this order, as many as asked for; each shard by itself. */
function expectFirst(
  { chosen, due, max }: { chosen: Known[]; due: Known[]; max: number },
  timeOf: (known: Known) => number,
): void {
  expect(chosen.filter((each) => !due.includes(each))).toEqual([]);
  expect(new Set(chosen).size).toBe(chosen.length);
  expect(chosen).toHaveLength(Math.min(max, due.length));
  const onShards = Map.groupBy(due, ({ job }) => shardOfId(job.id));
  for (const there of onShards.values()) {
    const times = chosen.filter((each) => there.includes(each)).map(timeOf);
    expect(times).toEqual(
      there
        .map(timeOf)
        .toSorted((a, b) => a - b)
        .slice(0, times.length),
    );
  }
}
