import { Elysia } from "elysia";
import type { BatchView } from "../../../engine/engine.ts";
import { type ForCaller, forCaller } from "../../caller-engine.ts";
import { decodeCursor, encodeCursor, nextLink } from "../../pagination.ts";
import { MAX_LIMIT } from "../../parameters.ts";
import { noQuery, readQuery } from "../../query.ts";
import { headersWith, reply } from "../../reply.ts";
import { bodyOf, jsonPieces } from "../../stream.ts";
import type { TimeFormat } from "../../time.ts";
import { readBulk } from "../bulk/entries.ts";
import { type BulkRouteDeps, bulkReply } from "../bulk/routes.ts";
import { cancelBatchDocs, getBatchDocs, retryBatchDocs } from "./docs.ts";
import { readBatchPage } from "./pages.ts";
import { type BatchJson, batchQuery, retryQuery } from "./schema.ts";

export interface BatchRouteDeps extends BulkRouteDeps {
  time: TimeFormat;
}

export function batchRoutes(deps: ForCaller<BatchRouteDeps>) {
  return new Elysia({ name: "batch" })
    .get("/batch/:id", ({ request, params }) => getBatch(forCaller(deps, request), request.url, params.id), {
      detail: getBatchDocs,
    })
    .delete(
      "/batch/:id",
      ({ request, params }) => cancelBatch(forCaller(deps, request), request.url, params.id),
      {
        detail: cancelBatchDocs,
      },
    )
    .post(
      "/batch/:id/retry",
      ({ request, params }) => retryBatch(forCaller(deps, request), request, params.id),
      {
        parse: "none",
        detail: retryBatchDocs,
      },
    );
}

async function getBatch(deps: BatchRouteDeps, url: string, id: string): Promise<Response> {
  const query = readQuery(url, batchQuery);
  const { engine, present } = deps;
  const listing = ["batch", id];
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, listing, "string");
  const view = await engine.batch(id);
  const [limit, outputs] = [query.limit ?? MAX_LIMIT, query.result ?? true];
  const page = await readBatchPage(engine, { batchId: id, limit, outputs, ...(after && { after }) });
  const jobs = page.jobs.map((job) => (outputs ? present.job(job) : present.jobHead(job)));
  const cursor = page.next === null ? null : encodeCursor(listing, page.next);
  const data = { ...presentBatch(deps, view), jobs };
  const pagination = { next_cursor: cursor, limit };
  const link = cursor === null ? {} : { link: nextLink(`/batch/${id}`, { ...query, limit }, cursor) };
  const pieces = jsonPieces({ code: 200, message: "success", data, pagination });
  return new Response(bodyOf(pieces), { headers: headersWith(link) });
}

function presentBatch({ time }: BatchRouteDeps, { batch, counts }: BatchView): BatchJson {
  const there = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return {
    id: batch.id,
    created_at: time.format(batch.createdAt),
    phase: batch.phase,
    reason: batch.reason,
    size: batch.jobs,
    counts,
    forgotten: Math.max(0, batch.jobs - there),
    canary: batch.canary,
    stop_after_failures: batch.stopAfter,
    retry_of: batch.retryOf,
  };
}

async function cancelBatch({ engine }: BatchRouteDeps, url: string, id: string): Promise<Response> {
  readQuery(url, noQuery);
  const { cancelled } = await engine.cancelBatch(id);
  return reply({ cancelled_count: cancelled.length, cancelled_jobs: cancelled });
}

async function retryBatch(deps: BatchRouteDeps, request: Request, id: string): Promise<Response> {
  const { cancelled = false } = readQuery(request.url, retryQuery);
  const { engine, auth, maxBulk } = deps;
  const bulk = readBulk(engine, await deps.readJson(request), request.headers, maxBulk);
  const answer = await engine.retryBatch({ id, bulk, cancelled }, auth.callerOf(request));
  return await bulkReply(deps, answer, { skipped: answer.skipped, retry_of: id });
}
