import type { KnownTask, TaskStore } from "../../tasks.ts";
import type { RedisLink } from "../link.ts";
import forgetSource from "../lua/forget-task.lua" with { type: "text" };
import getSource from "../lua/get-task.lua" with { type: "text" };
import listSource from "../lua/list-tasks.lua" with { type: "text" };
import markSource from "../lua/mark-task.lua" with { type: "text" };
import pruneSource from "../lua/prune-tasks.lua" with { type: "text" };
import putSource from "../lua/put-task.lua" with { type: "text" };
import { int, list, nowArgument, text } from "../replies.ts";
import { script } from "../scripts.ts";

const PUT = script("put-task", putSource);
const GET = script("get-task", getSource);
const LIST = script("list-tasks", listSource);
const MARK = script("mark-task", markSource);
const FORGET = script("forget-task", forgetSource);
const PRUNE = script("prune-tasks", pruneSource);
/** All are on one shard: there are few, and people ask for them. */
const SHARD = 0;

export function putTask(link: RedisLink): TaskStore["putTask"] {
  return async ({ task }) => {
    await link.run(PUT, SHARD, [task.id, toRecord(task), task.expiresAt]);
  };
}

export function getTask(link: RedisLink): TaskStore["getTask"] {
  return async ({ id, now }) => {
    const record = text(await link.run(GET, SHARD, [nowArgument(now), id]));
    return record === "" ? null : toTask(record);
  };
}

/** Looks at all for each page, as with host keys. Keeps no more than two pages at once. */
export function listTasks(link: RedisLink): TaskStore["listTasks"] {
  return async ({ state, limit, after, now }) => {
    const found = new Map<string, KnownTask>();
    let cursor = "0";
    do {
      const answer = list(await link.run(LIST, SHARD, [nowArgument(now), cursor])).map(text);
      const [time = "", next = "", ...records] = answer;
      cursor = next;
      for (const task of records.map(toTask)) {
        const wanted = state === undefined || task.state === state;
        const here = after === undefined || task.id < after;
        if (wanted && here && task.expiresAt > Number(time)) found.set(task.id, task);
      }
      for (const id of [...found.keys()]
        .sort()
        .reverse()
        .slice(limit + 1))
        found.delete(id);
    } while (cursor !== "0");
    const sorted = [...found.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
    const tasks = sorted.slice(0, limit);
    return { tasks, next: sorted.length > limit ? (tasks.at(-1)?.id ?? null) : null };
  };
}

export function markTask(link: RedisLink): TaskStore["markTask"] {
  return async ({ id, state }) =>
    int(await link.run(MARK, SHARD, [id, state])) === 1 ? "marked" : "unknown";
}

export function forgetTask(link: RedisLink): TaskStore["forgetTask"] {
  return async ({ id }) => (int(await link.run(FORGET, SHARD, [id])) === 1 ? "forgotten" : "unknown");
}

export function pruneTasks(link: RedisLink): TaskStore["pruneTasks"] {
  return async ({ max, now }) => ({ pruned: int(await link.run(PRUNE, SHARD, [nowArgument(now), max])) });
}

function toRecord(task: KnownTask): string {
  return JSON.stringify({ ...task, sealed: Buffer.from(task.sealed).toString("base64") });
}

function toTask(record: string): KnownTask {
  const task = JSON.parse(record);
  return { ...task, sealed: Buffer.from(task.sealed, "base64") };
}
