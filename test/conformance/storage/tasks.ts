import { describe, expect, test } from "bun:test";
import type { KnownTask } from "../../../src/storage/tasks.ts";
import type { Setup } from "./fixture.ts";

function aTask(n: number, change: Partial<KnownTask> = {}): KnownTask {
  return {
    id: `task_${String(n).padStart(24, "0")}`,
    site: null,
    host: "10.0.0.1",
    driver: "linux",
    command: "make all",
    state: "launching",
    createdAt: 1_000 + n,
    expiresAt: 10_000,
    sealed: Buffer.from([0, 1, 2, 255, n]),
    ...change,
  };
}

export function tasksConformance(setup: Setup): void {
  describe("detached tasks", () => {
    test("are kept as they were put, until they are forgotten", async () => {
      const { storage, connect } = await setup();
      const [one, two] = [aTask(1), aTask(2, { site: "berlin", command: 'echo "ü"\t\\' })];
      await storage.putTask({ task: one });
      await storage.putTask({ task: two });
      const other = await connect();
      expect(await other.getTask({ id: one.id, now: 5_000 })).toEqual(one);
      expect(await other.getTask({ id: two.id, now: 5_000 })).toEqual(two);
      const again = { ...one, command: "another" };
      await storage.putTask({ task: again });
      expect(await storage.getTask({ id: one.id, now: 5_000 })).toEqual(again);
      expect(await other.forgetTask({ id: one.id })).toBe("forgotten");
      expect(await storage.forgetTask({ id: one.id })).toBe("unknown");
      expect(await storage.getTask({ id: one.id, now: 5_000 })).toBeNull();
    });

    test("are listed page by page, the newest first, and by their state", async () => {
      const { storage } = await setup();
      const all = Array.from({ length: 7 }, (_, n) =>
        aTask(n, { state: n % 2 === 0 ? "running" : "exited" }),
      );
      for (const task of all.toSorted(() => 1)) await storage.putTask({ task });
      const ids = async (params: { state?: KnownTask["state"]; after?: string }) => {
        const { tasks, next } = await storage.listTasks({ ...params, limit: 3, now: 5_000 });
        return [tasks.map(({ createdAt }) => createdAt - 1_000), next];
      };
      expect(await ids({})).toEqual([[6, 5, 4], aTask(4).id]);
      expect(await ids({ after: aTask(4).id })).toEqual([[3, 2, 1], aTask(1).id]);
      expect(await ids({ after: aTask(1).id })).toEqual([[0], null]);
      expect(await ids({ state: "exited" })).toEqual([[5, 3, 1], null]);
      expect(await ids({ state: "lost" })).toEqual([[], null]);
    });

    test("get another state while they are known, and do not come back by it", async () => {
      const { storage } = await setup();
      const task = aTask(1);
      await storage.putTask({ task });
      expect(await storage.markTask({ id: task.id, state: "running" })).toBe("marked");
      expect(await storage.getTask({ id: task.id, now: 5_000 })).toEqual({ ...task, state: "running" });
      await storage.forgetTask({ id: task.id });
      expect(await storage.markTask({ id: task.id, state: "exited" })).toBe("unknown");
      expect(await storage.getTask({ id: task.id, now: 5_000 })).toBeNull();
    });

    test("are not found when their time is over, and are pruned some at a time", async () => {
      const { storage } = await setup();
      for (const n of [1, 2, 3]) await storage.putTask({ task: aTask(n, { expiresAt: 2_000 + n }) });
      expect(await storage.getTask({ id: aTask(2).id, now: 2_001 })).not.toBeNull();
      expect(await storage.getTask({ id: aTask(2).id, now: 2_002 })).toBeNull();
      expect((await storage.listTasks({ limit: 9, now: 2_002 })).tasks.map(({ id }) => id)).toEqual([
        aTask(3).id,
      ]);
      expect(await storage.pruneTasks({ max: 1, now: 2_002 })).toEqual({ pruned: 1 });
      expect(await storage.pruneTasks({ max: 9, now: 2_002 })).toEqual({ pruned: 1 });
      expect(await storage.pruneTasks({ max: 9, now: 2_002 })).toEqual({ pruned: 0 });
      expect(await storage.getTask({ id: aTask(3).id, now: 2_002 })).not.toBeNull();
    });
  });
}
