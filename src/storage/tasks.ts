import type { TaskState } from "../core/detached-task.ts";

/** A command that outlives its job, as far as it is known here; all else is on its host. */
export interface KnownTask {
  id: string;
  site: string | null;
  host: string;
  /** As its request named it. */
  driver: string;
  /** Secrets masked. */
  command: string;
  /** As it was seen last. */
  state: TaskState;
  /** Milliseconds since the epoch. */
  createdAt: number;
  /** It is forgotten then, and is not found from then on. */
  expiresAt: number;
  /** How to log in on its host; bound to `id`. */
  sealed: Uint8Array;
}

/** Detached tasks and how to reach them. Ids sort by creation. */
export interface TaskStore {
  /** Takes the place of one with the same id. */
  putTask(params: { task: KnownTask }): Promise<void>;
  /** null: there is none, or its time is over. */
  getTask(params: { id: string; now?: number }): Promise<KnownTask | null>;
  /** A page, the newest first. Goes on after `next` of the page before; null when there are no more. */
  listTasks(params: {
    state?: TaskState;
    limit: number;
    after?: string;
    now?: number;
  }): Promise<{ tasks: KnownTask[]; next: string | null }>;
  /** `unknown`: it was forgotten meanwhile, and stays so. */
  markTask(params: { id: string; state: TaskState }): Promise<"marked" | "unknown">;
  /** The task itself goes on on its host. */
  forgetTask(params: { id: string }): Promise<"forgotten" | "unknown">;
  /** Forgets those whose time is over, at most `max`. */
  pruneTasks(params: { max: number; now?: number }): Promise<{ pruned: number }>;
}
