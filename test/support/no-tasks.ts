import type { TaskStore } from "../../src/storage/tasks.ts";

/** For what has nothing to do with detached tasks. */
export const NO_TASKS: TaskStore = {
  putTask: async () => {},
  getTask: async () => null,
  listTasks: async () => ({ tasks: [], next: null }),
  markTask: async () => "unknown",
  forgetTask: async () => "unknown",
  pruneTasks: async () => ({ pruned: 0 }),
};
