import { JOB_STATUSES, type JobStatus } from "../../../core/job.ts";
import type { Batch, BatchPhase, BatchState, BatchStore } from "../../batches.ts";
import { HELD, type Storage } from "../../storage.ts";
import { pack } from "../codec.ts";
import type { RedisLink, Reply } from "../link.ts";
import addSource from "../lua/add-bulk.lua" with { type: "text" };
import countsSource from "../lua/batch-counts.lua" with { type: "text" };
import changeSource from "../lua/change-bulk.lua" with { type: "text" };
import forgetSource from "../lua/forget-bulk.lua" with { type: "text" };
import getSource from "../lua/get-bulk.lua" with { type: "text" };
import listSource from "../lua/list-bulks.lua" with { type: "text" };
import releaseSource from "../lua/release-held.lua" with { type: "text" };
import { everyShard, int, list, nowArgument, text } from "../replies.ts";
import { scan } from "../scan.ts";
import { script } from "../scripts.ts";

const ADD = script("add-bulk", addSource);
const GET = script("get-bulk", getSource);
const CHANGE = script("change-bulk", changeSource);
const LIST = script("list-bulks", listSource);
const FORGET = script("forget-bulk", forgetSource);
const RELEASE = script("release-held", releaseSource);
const COUNTS = script("batch-counts", countsSource);
/** All are on one shard: they are few beside their jobs. Called `bulk` there: `batches` are parts of an enqueue. */
const SHARD = 0;
/** Jobs released by one script. */
const SLICE = 200;
/** Blocks looked at by one script. */
const BLOCKS = 250;

export function addBatch(link: RedisLink): BatchStore["addBatch"] {
  return async ({ batch }) => {
    const { id, phase, reason, stored, watched, ...record } = batch;
    const state = [phase, reason ?? "", Number(stored), Number(watched)];
    const args = [id, JSON.stringify(record), ...state];
    const [added, ...found] = list(await link.run(ADD, SHARD, args, { durable: true }));
    return { batch: toBatch(id, found), added: int(added) === 1 };
  };
}

export function getBatch(link: RedisLink): BatchStore["getBatch"] {
  return async ({ id }) => {
    const found = list(await link.run(GET, SHARD, [id]));
    return found.length === 0 ? null : toBatch(id, found);
  };
}

export function changeBatch(link: RedisLink): BatchStore["changeBatch"] {
  return async ({ id, from, change }) => {
    const fields = Object.entries(change).flatMap(([name, value]) => [name, fieldOf(value)]);
    const args = [id, JSON.stringify(from), ...fields];
    const found = list(await link.run(CHANGE, SHARD, args, { durable: true }));
    return found.length === 0 ? null : toBatch(id, found);
  };
}

export function listBatches(link: RedisLink): BatchStore["listBatches"] {
  return async ({ watched, limit, after = "" }) => {
    // One more than asked for tells whether there is a next page.
    const flat = list(await link.run(LIST, SHARD, [Number(watched), after, limit + 1]));
    const found: Batch[] = [];
    for (let n = 0; n < flat.length; n += FIELDS) {
      found.push(toBatch(text(flat[n]), flat.slice(n + 1, n + FIELDS)));
    }
    const page = found.slice(0, limit);
    return { batches: page, next: found.length > limit ? (page.at(-1)?.id ?? null) : null };
  };
}

export function forgetBatch(link: RedisLink): BatchStore["forgetBatch"] {
  return async ({ id }) => void (await link.run(FORGET, SHARD, [id]));
}

/** Any number of jobs, a slice a script, so that nobody waits for long. */
export function releaseHeld(link: RedisLink): Storage["releaseHeld"] {
  async function releaseOn(shard: number, batchId: string, now?: number): Promise<number> {
    const filter = { batchId, status: "queued" as const };
    let released = 0;
    let after: number | null = null;
    do {
      const found = await scan(link, shard, { filter, order: "asc", limit: SLICE, after, give: "ids" });
      if (found.flat.length > 0) {
        const args = [nowArgument(now), HELD, pack(found.flat.map(text))];
        released += int(await link.run(RELEASE, shard, args, { durable: true }));
      }
      after = found.next;
    } while (after !== null);
    return released;
  }

  return async ({ batchId, now }) => {
    const shards = await everyShard(link.shards, (shard) => releaseOn(shard, batchId, now));
    return { released: shards.reduce((sum, each) => sum + each, 0) };
  };
}

export function batchCounts(link: RedisLink): Storage["batchCounts"] {
  async function countOn(shard: number, batchId: string): Promise<number[]> {
    const counts = JOB_STATUSES.map(() => 0);
    let from = "0";
    do {
      const [next, ...found] = list(await link.run(COUNTS, shard, [batchId, from, BLOCKS, ...JOB_STATUSES]));
      for (const [n, count] of found.entries()) counts[n] = (counts[n] ?? 0) + int(count);
      from = text(next);
    } while (from !== "");
    return counts;
  }

  return async ({ batchId }) => {
    const shards = await everyShard(link.shards, (shard) => countOn(shard, batchId));
    const total = (n: number) => shards.reduce((sum, counted) => sum + (counted[n] ?? 0), 0);
    // Safe: one entry for each status.
    return Object.fromEntries(JOB_STATUSES.map((status, n) => [status, total(n)])) as Record<
      JobStatus,
      number
    >;
  };
}

/** Of a batch in a listing: its id and what `toBatch` reads. */
const FIELDS = 6;

function fieldOf(value: BatchState[keyof BatchState]): string | number {
  return typeof value === "boolean" ? Number(value) : (value ?? "");
}

function toBatch(id: string, fields: Reply[]): Batch {
  const [record = "", phase, reason, stored, watched] = fields.map(text);
  // Safe: written by `addBatch` and `changeBatch` only.
  const fixed = JSON.parse(record) as Omit<Batch, "id" | keyof BatchState>;
  const state = { phase: phase as BatchPhase, reason: reason || null };
  return { id, ...fixed, ...state, stored: stored === "1", watched: watched === "1" };
}
