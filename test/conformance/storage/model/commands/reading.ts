import { expect } from "bun:test";
import fc from "fast-check";
import { MINUTE, SECOND } from "../../../../support/factory.ts";
import { FILTER, filterOf } from "../filters.ts";
import { type Command, command, pick } from "./command.ts";

export const READING: Command[] = [
  command(
    "list",
    8,
    {
      choice: FILTER,
      order: fc.constantFrom("asc" as const, "desc" as const),
      limit: fc.integer({ min: 1, max: 6 }),
      after: fc.nat(20),
    },
    async (world, { choice, order, limit, after: n }) => {
      const filter = filterOf(world, choice);
      const after = n > 10 ? undefined : pick(world.jobs.list(), n)?.seq;
      const all = order === "asc" ? world.jobs.list(filter) : world.jobs.list(filter).toReversed();
      const rest = all.filter(
        ({ seq }) => after === undefined || (order === "asc" ? seq > after : seq < after),
      );
      const jobs = rest.slice(0, limit);
      const next = rest.length > limit ? (jobs.at(-1)?.seq ?? null) : null;
      const call = { filter, order, limit, ...(after === undefined ? {} : { after }) };
      expect(await world.store.list(call)).toEqual({ jobs, next });
    },
  ),

  command("outputs up to a limit", 1, { max: fc.integer({ min: 1, max: 9 }) }, async (world, { max }) => {
    const all = [...world.jobs.all.values()];
    const ids = all.map(({ job }) => job.id);
    expect(await world.store.outputs({ ids, max })).toEqual(all.map(({ log }) => log.slice(0, max)));
  }),

  command("time passes", 8, { seconds: fc.nat(25) }, async (world, { seconds }) => {
    world.now += seconds * SECOND;
  }),

  command("much time passes", 1, { minutes: fc.nat(15) }, async (world, { minutes }) => {
    world.now += minutes * MINUTE;
  }),

  command("migrate", 1, {}, async (world) => {
    const { from, to } = await world.store.migrate();
    expect(from).toBe(to);
  }),
];
