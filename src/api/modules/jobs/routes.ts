import { Elysia } from "elysia";
import { type FieldError, RequestError } from "../../../core/errors.ts";
import type { Engine, JobQuery, JobView } from "../../../engine/engine.ts";
import { type ForCaller, forCaller } from "../../caller-engine.ts";
import { decodeCursor, encodeCursor, nextLink } from "../../pagination.ts";
import { MAX_LIMIT } from "../../parameters.ts";
import type { Presenter } from "../../present.ts";
import { readQuery } from "../../query.ts";
import { headersWith, reply } from "../../reply.ts";
import { bodyOf, jsonPieces } from "../../stream.ts";
import type { TimeFormat } from "../../time.ts";
import { cancelDocs, listDocs } from "./docs.ts";
import { checkFilters, jobFilter } from "./filter.ts";
import { outputSize, readPage } from "./page.ts";
import { type CancelQuery, cancelQuery, type JobJson, type ListQuery, listQuery } from "./schema.ts";

export interface JobsDeps {
  engine: Engine;
  present: Presenter;
  time: TimeFormat;
  /** Aborts when the API stops: whoever waits gets the job as it is. */
  stopping: AbortSignal;
}

/** Answers with more output than this are made piece by piece. */
const LARGE = 512 * 1024;
const NEVER = new AbortController().signal;

export function jobRoutes(deps: ForCaller<JobsDeps>) {
  return new Elysia({ name: "jobs" })
    .get("/job", ({ request }) => getJobs(forCaller(deps, request), request), { detail: listDocs })
    .delete("/job", ({ request }) => cancelJobs(forCaller(deps, request), request.url), {
      detail: cancelDocs,
    });
}

async function getJobs(deps: JobsDeps, request: Request): Promise<Response> {
  const { jobs: data, size, pagination, headers } = await findJobs(deps, request, "/job");
  if (size <= LARGE) return reply(data, { headers, ...(pagination && { beside: { pagination } }) });
  const pieces = jsonPieces({ code: 200, message: "success", data, pagination });
  return new Response(bodyOf(pieces), { headers: headersWith(headers) });
}

/** The jobs that a request asks for. */
export interface JobsFound {
  jobs: JobJson[];
  /** Characters of output in them. */
  size: number;
  pagination?: { next_cursor: string | null; limit: number };
  headers: Record<string, string>;
}

/** `path`: where the listing goes on. */
export async function findJobs(deps: JobsDeps, request: Request, path: string): Promise<JobsFound> {
  const query = readQuery(request.url, listQuery, (values) => checkList(deps, values));
  if (query.id === undefined) return await listJobs(deps, query, path);
  const view = await oneJob(deps, query, query.id, request);
  return { jobs: [presented(deps, view, query)], size: outputSize(view), headers: {} };
}

function checkList({ time }: JobsDeps, values: Partial<ListQuery>): FieldError[] {
  const errors = checkFilters(values, time);
  if (values.wait !== undefined && values.id === undefined) {
    errors.push({ loc: ["query", "wait"], msg: "works with id only: one job's end is waited for" });
  }
  return errors;
}

/** As it is, or at its end where the query waits for that. */
export async function oneJob(
  deps: JobsDeps,
  query: Pick<ListQuery, "wait" | "result" | "outputs">,
  id: string,
  request: Request,
): Promise<JobView> {
  const waitMs = (query.wait ?? 0) * 1000;
  const signal = waitMs > 0 ? AbortSignal.any([request.signal, deps.stopping]) : NEVER;
  return await deps.engine.job({ id, waitMs, outputs: wantsOutputs(query), signal });
}

function wantsOutputs({ result = true, outputs = true }: Pick<ListQuery, "result" | "outputs">): boolean {
  return result && outputs;
}

async function listJobs(deps: JobsDeps, query: ListQuery, path: string): Promise<JobsFound> {
  const filter = jobFilter(filtersOf(query), deps.time);
  const order = query.order ?? "desc";
  const limit = query.limit ?? MAX_LIMIT;
  const listing = ["jobs", order, filter];
  const engineQuery: JobQuery = { filter, order, limit, outputs: wantsOutputs(query) };
  if (query.cursor !== undefined) engineQuery.after = decodeCursor(query.cursor, listing, "number");
  const page = await readPage(deps.engine, engineQuery);
  const cursor = page.next === null ? null : encodeCursor(listing, page.next);
  return {
    jobs: page.jobs.map((view) => presented(deps, view, query)),
    size: page.size,
    pagination: { next_cursor: cursor, limit },
    headers: cursor === null ? {} : { link: nextLink(path, { ...query, limit }, cursor) },
  };
}

/** Without its result where the query leaves that out. */
export function presented(
  { present }: JobsDeps,
  view: JobView,
  { result = true }: Pick<ListQuery, "result">,
): JobJson {
  return result ? present.job(view) : present.jobHead(view);
}

function filtersOf(query: ListQuery) {
  const {
    id: _id,
    order: _order,
    limit: _limit,
    cursor: _cursor,
    result: _result,
    outputs: _outputs,
    wait: _wait,
    ...filters
  } = query;
  return filters;
}

async function cancelJobs(deps: JobsDeps, url: string): Promise<Response> {
  const cancelled = await cancelAsked(deps, url);
  return reply({ cancelled_count: cancelled.length, cancelled_jobs: cancelled });
}

/** Cancels what a request asks for; which jobs it was. */
export async function cancelAsked({ engine, time }: JobsDeps, url: string): Promise<string[]> {
  const query = readQuery(url, cancelQuery, (values) => checkCancel(values, time));
  return await cancel(engine, query, time);
}

function checkCancel(values: Partial<CancelQuery>, time: TimeFormat): FieldError[] {
  const errors = checkFilters(values, time);
  if (values.force !== undefined && values.id === undefined) {
    errors.push({ loc: ["query", "force"], msg: "works with id only: started jobs are aborted one by one" });
  }
  return errors;
}

async function cancel(engine: Engine, query: CancelQuery, time: TimeFormat): Promise<string[]> {
  const { id, force, ...filters } = query;
  if (id !== undefined) return (await engine.cancelJob({ id, abort: force ?? false })).cancelled;
  if (filters.queue === undefined && filters.host === undefined && filters.batch_id === undefined) {
    throw new RequestError("invalid", "say which jobs: give id, queue, host or batch_id", [
      { loc: ["query"], msg: "one of id, queue, host and batch_id is required" },
    ]);
  }
  // Only queued jobs are cancelled, so no other status can match.
  if (filters.status !== undefined && filters.status !== "queued") return [];
  return (await engine.cancelJobs(jobFilter(filters, time))).cancelled;
}
