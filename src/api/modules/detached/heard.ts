import { TASK_ID, type TaskState } from "../../../core/detached-task.ts";
import { isObject } from "../device/exec-body.ts";

/** What a host says of a task. */
export interface Heard {
  id: string;
  state: Exclude<TaskState, "launching">;
  exitStatus: number | null;
  pid: number | null;
  size: number;
  /** Milliseconds since the epoch. */
  startedAt: number | null;
  nextOffset: number | null;
  command: string;
}

const STATES = ["running", "exited", "lost"] as const;

/** One line of JSON; null for what is none, for the host may say anything. */
export function heardIn(line: string): Heard | null {
  const said = parsed(line);
  if (said === null) return null;
  const { id, state, exit_status, pid, size, started, next_offset, command } = said;
  const known = STATES.find((each) => each === state);
  if (typeof id !== "string" || !TASK_ID.test(id) || known === undefined) return null;
  const startedAt = whole(started);
  return {
    id,
    state: known,
    exitStatus: whole(exit_status),
    pid: whole(pid),
    size: whole(size) ?? 0,
    startedAt: startedAt === null ? null : startedAt * 1000,
    nextOffset: whole(next_offset),
    command: typeof command === "string" ? command : "",
  };
}

function parsed(line: string): Record<string, unknown> | null {
  try {
    const said: unknown = JSON.parse(line);
    return isObject(said) ? said : null;
  } catch {
    return null;
  }
}

function whole(value: unknown): number | null {
  return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : null;
}
