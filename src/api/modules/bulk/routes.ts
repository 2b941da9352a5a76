import { Elysia } from "elysia";
import { breathe } from "../../../engine/bulk.ts";
import type { BulkAnswer, Engine } from "../../../engine/engine.ts";
import { heldBack, queuedJustNow } from "../../../engine/waiting.ts";
import type { Authenticator } from "../../auth.ts";
import type { JsonReader } from "../../body.ts";
import { type ForCaller, forCaller } from "../../caller-engine.ts";
import type { Presenter } from "../../present.ts";
import { noQuery, readQuery } from "../../query.ts";
import { headersWith } from "../../reply.ts";
import { bodyOf, jsonPieces } from "../../stream.ts";
import type { JobJson } from "../jobs/schema.ts";
import { bulkDocs } from "./docs.ts";
import { readBulk } from "./entries.ts";
import type { BulkAnswerJson } from "./schema.ts";

export interface BulkRouteDeps {
  engine: Engine;
  present: Presenter;
  auth: Authenticator;
  readJson: JsonReader;
  /** Devices in one request. */
  maxBulk: number;
}

/** Jobs presented before others have their turn. */
const SLICE = 500;

export function bulkRoutes(deps: ForCaller<BulkRouteDeps>) {
  return new Elysia({ name: "bulk" }).post(
    "/device/bulk",
    ({ request }) => bulk(forCaller(deps, request), request),
    {
      parse: "none",
      detail: bulkDocs,
    },
  );
}

async function bulk(deps: BulkRouteDeps, request: Request): Promise<Response> {
  readQuery(request.url, noQuery);
  const body = await deps.readJson(request);
  const wanted = readBulk(deps.engine, body, request.headers, deps.maxBulk);
  return await bulkReply(deps, await deps.engine.submitBulk(wanted, deps.auth.callerOf(request)));
}

/** 201 also when no entry was taken: the answer names each with its reason. */
export async function bulkReply(
  { present }: Pick<BulkRouteDeps, "present">,
  answer: BulkAnswer,
  beside: Record<string, unknown> = {},
): Promise<Response> {
  const { batch, duplicate, jobs, refused } = answer;
  const ahead = new Set(batch?.canary);
  const succeeded: JobJson[] = [];
  for (const [n, job] of jobs.entries()) {
    if (n % SLICE === SLICE - 1) await breathe();
    const waits = batch?.phase === "canary" && !ahead.has(job.id) ? heldBack() : queuedJustNow();
    if (job.status === "queued") succeeded.push(present.job({ job, outputs: null, waiting: waits }));
    else succeeded.push(present.jobHead({ job, waiting: null }));
  }
  const failed = refused.map(({ place, host, reason }) => ({ index: place, host, reason }));
  const data: BulkAnswerJson = { succeeded, failed, batch_id: batch?.id ?? null, ...beside };
  const headers = headersWith(duplicate ? { "idempotency-replayed": "true" } : undefined);
  return new Response(bodyOf(jsonPieces({ code: 200, message: "success", data })), { status: 201, headers });
}
