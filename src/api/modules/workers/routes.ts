import { Elysia } from "elysia";
import { canonicalHost } from "../../../core/device.ts";
import { RequestError } from "../../../core/errors.ts";
import type { Engine, StoppedWorker } from "../../../engine/engine.ts";
import type { WorkerFilter } from "../../../storage/storage.ts";
import type { ForCaller } from "../../caller-engine.ts";
import { HttpError } from "../../http-error.ts";
import { decodeCursor, encodeCursor, nextLink } from "../../pagination.ts";
import { checkHost, MAX_LIMIT } from "../../parameters.ts";
import { type Presenter, presentStopped } from "../../present.ts";
import { readQuery } from "../../query.ts";
import { reply } from "../../reply.ts";
import { listDocs, resumeDocs, stopDocs, suspendDocs } from "./docs.ts";
import { listQuery, type TargetQuery, targetQuery, type WorkerJson } from "./schema.ts";

export interface WorkersDeps {
  engine: Engine;
  present: Presenter;
}

export function workerRoutes({ present, engineOf }: Omit<ForCaller<WorkersDeps>, "engine">) {
  return new Elysia({ name: "workers" })
    .get("/worker", ({ request }) => listWorkers({ engine: engineOf(request), present }, request.url), {
      detail: listDocs,
    })
    .delete("/worker", ({ request }) => stopWorkers(engineOf(request), request.url), { detail: stopDocs })
    .post("/worker/suspend", ({ request }) => suspend(engineOf(request), request, true), {
      parse: "none",
      detail: suspendDocs,
    })
    .post("/worker/resume", ({ request }) => suspend(engineOf(request), request, false), {
      parse: "none",
      detail: resumeDocs,
    });
}

async function listWorkers(deps: WorkersDeps, url: string): Promise<Response> {
  const { workers, pagination, headers } = await findWorkers(deps, url, "/worker");
  return reply(workers, { beside: { pagination }, headers });
}

/** The workers that a request asks for. */
export interface WorkersFound {
  workers: WorkerJson[];
  pagination: { next_cursor: string | null; limit: number };
  headers: Record<string, string>;
}

/** `path`: where the listing goes on. */
export async function findWorkers(
  { engine, present }: WorkersDeps,
  url: string,
  path: string,
): Promise<WorkersFound> {
  const query = readQuery(url, listQuery, checkHost);
  const { queue, node, host, status, cursor } = query;
  const limit = query.limit ?? MAX_LIMIT;
  const place = queue === undefined ? placeOf({ node, host }) : { queue };
  const filter: WorkerFilter = { ...place, ...(status !== undefined && { status }) };
  const listing = ["workers", filter];
  const after = cursor === undefined ? {} : { after: decodeCursor(cursor, listing, "string") };
  const { workers, next } = await engine.workers({ filter, limit, ...after });
  const nextCursor = next === null ? null : encodeCursor(listing, next);
  return {
    workers: workers.map(present.worker),
    pagination: { next_cursor: nextCursor, limit },
    headers: nextCursor === null ? {} : { link: nextLink(path, { ...query, limit }, nextCursor) },
  };
}

function placeOf({ node, host }: { node: string | undefined; host: string | undefined }): WorkerFilter {
  return {
    ...(node !== undefined && { node }),
    ...(host !== undefined && { host: canonicalHost(host) ?? host }),
  };
}

async function stopWorkers(engine: Engine, url: string): Promise<Response> {
  const stopped = await stopAsked(engine, url);
  return reply(
    stopped.map(({ worker }) => worker),
    { beside: { details: stopped.map(presentStopped) } },
  );
}

/** Stops what a request asks for. */
export async function stopAsked(engine: Engine, url: string): Promise<StoppedWorker[]> {
  return await engine.stopWorkers(targetOf(url));
}

async function suspend(engine: Engine, request: Request, suspended: boolean): Promise<Response> {
  // A body would be ignored, and with it the filters somebody put there.
  if (request.body !== null) {
    throw new HttpError(422, "send no body; the filters go into the query, as for DELETE /worker", {
      data: [{ loc: ["body"], msg: "is not taken here; give name, queue, node or host in the query" }],
    });
  }
  return reply(await engine.suspendWorkers(targetOf(request.url), suspended));
}

/** `name` wins; otherwise the filters narrow together, and one is required. */
function targetOf(url: string): WorkerFilter {
  const query: TargetQuery = readQuery(url, targetQuery, checkHost);
  const { name, queue, node, host } = query;
  if (name !== undefined) return { name };
  const filter = { ...placeOf({ node, host }), ...(queue !== undefined && { queue }) };
  if (Object.keys(filter).length > 0) return filter;
  throw new RequestError("invalid", "say which workers: give name, queue, node or host", [
    { loc: ["query"], msg: "one of name, queue, node and host is required" },
  ]);
}
