import type { TaskState } from "../../../../src/core/detached-task.ts";
import type { KnownTask } from "../../../../src/storage/tasks.ts";
import { bytes, text } from "../../../support/factory.ts";
import type { Sealed } from "./sealed.ts";

/** The detached tasks of a store. One whose time is over is not found, whether or not it was pruned. */
export class Tasks {
  readonly #all = new Map<string, KnownTask>();

  put(task: KnownTask): void {
    this.#all.set(task.id, task);
  }

  get(id: string, now: number): KnownTask | null {
    const task = this.#all.get(id);
    return task && task.expiresAt > now ? task : null;
  }

  /** Of those whose time is over, the ids. */
  over(now: number): Set<string> {
    return new Set([...this.#all.values()].filter(({ expiresAt }) => expiresAt <= now).map(({ id }) => id));
  }

  sealed(): Sealed[] {
    return [...this.#all.values()].map(({ id, sealed }) => ({ id, sealed: text(sealed) }));
  }

  reseal(id: string, from: string, to: string): boolean {
    const task = this.#all.get(id);
    if (!task || text(task.sealed) !== from) return false;
    this.#all.set(id, { ...task, sealed: bytes(to) });
    return true;
  }

  /** The newest first. */
  list(state: TaskState | undefined, now: number): KnownTask[] {
    return [...this.#all.values()]
      .filter((task) => task.expiresAt > now && (state === undefined || task.state === state))
      .toSorted((a, b) => (a.id < b.id ? 1 : -1));
  }

  mark(id: string, state: TaskState): "marked" | "unknown" {
    const task = this.#all.get(id);
    if (!task) return "unknown";
    this.#all.set(id, { ...task, state });
    return "marked";
  }

  forget(id: string): "forgotten" | "unknown" {
    return this.#all.delete(id) ? "forgotten" : "unknown";
  }

  prune(now: number): number {
    const due = [...this.#all.values()].filter(({ expiresAt }) => expiresAt <= now);
    for (const { id } of due) this.#all.delete(id);
    return due.length;
  }
}
