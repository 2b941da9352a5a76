import { expect } from "bun:test";
import fc from "fast-check";
import { TASK_STATES } from "../../../../../src/core/detached-task.ts";
import type { KnownTask } from "../../../../../src/storage/tasks.ts";
import { bytes, SECOND } from "../../../../support/factory.ts";
import { type Command, command } from "./command.ts";

const ID = fc.constantFrom("task_1", "task_2", "task_3");
const STATE = fc.constantFrom(...TASK_STATES);
const NEVER = 9e15;
/** More than there are: which of them a smaller prune takes is not said. */
const ALL = 100;

export const TASKS: Command[] = [
  command(
    "putTask",
    2,
    {
      id: ID,
      state: STATE,
      site: fc.constantFrom(null, "berlin"),
      seconds: fc.oneof(fc.nat(90), fc.constant(Number.POSITIVE_INFINITY)),
    },
    async (world, { id, state, site, seconds }) => {
      // What a key change concerns is a matter of the real time.
      const expiresAt = Math.min(world.now + seconds * SECOND, NEVER);
      const fixed = { host: "h1", driver: "linux", command: "make all", sealed: bytes(`sealed ${id}`) };
      const task = { ...fixed, id, site, state, createdAt: world.now, expiresAt };
      world.tasks.put(task);
      await world.store.putTask({ task });
    },
  ),

  command("markTask", 1, { id: ID, state: STATE }, async (world, { id, state }) => {
    expect(await world.store.markTask({ id, state })).toBe(world.tasks.mark(id, state));
  }),

  command("forgetTask", 1, { id: ID }, async (world, { id }) => {
    expect(await world.store.forgetTask({ id })).toBe(world.tasks.forget(id));
  }),

  command("pruneTasks", 1, {}, async (world) => {
    const { now } = world;
    expect(await world.store.pruneTasks({ max: ALL, now })).toEqual({ pruned: world.tasks.prune(now) });
  }),

  command("getTask", 1, { id: ID }, async (world, { id }) => {
    const task = await world.store.getTask({ id, now: world.now });
    expect(plain(task)).toEqual(plain(world.tasks.get(id, world.now)));
  }),

  command(
    "listTasks",
    2,
    { state: fc.option(STATE), limit: fc.integer({ min: 1, max: 3 }), after: fc.option(ID) },
    async (world, { state, limit, after }) => {
      const { now } = world;
      const all = world.tasks.list(state ?? undefined, now).filter(({ id }) => after === null || id < after);
      const page = all.slice(0, limit);
      const next = all.length > limit ? (page.at(-1)?.id ?? null) : null;
      const call = { limit, now, ...(state !== null && { state }), ...(after !== null && { after }) };
      const answer = await world.store.listTasks(call);
      expect({ ...answer, tasks: answer.tasks.map(plain) }).toEqual({ tasks: page.map(plain), next });
    },
  ),
];

/** Bytes as numbers, whatever kind of array holds them. */
function plain(task: KnownTask | null) {
  return task && { ...task, sealed: [...task.sealed] };
}
