import { Elysia } from "elysia";
import { TASK_ID } from "../../../core/detached-task.ts";
import { RequestError } from "../../../core/errors.ts";
import type { TaskLogin, TaskView } from "../../../engine/engine.ts";
import { type ForCaller, forCaller } from "../../caller-engine.ts";
import { decodeCursor, encodeCursor, nextLink } from "../../pagination.ts";
import { MAX_LIMIT } from "../../parameters.ts";
import { noQuery, readQuery } from "../../query.ts";
import { reply } from "../../reply.ts";
import type { TimeFormat } from "../../time.ts";
import { LOGIN_ARGS } from "../device/exec-body.ts";
import { type DeviceDeps, execBody, execRequest } from "../device/routes.ts";
import { asDiscovery, asStart, requestFor } from "./body.ts";
import { deleteDocs, discoverDocs, listDocs, lookDocs, startDocs } from "./docs.ts";
import { heardIn } from "./heard.ts";
import { launchOf } from "./launch.ts";
import { listQuery, lookQuery } from "./schema.ts";
import { failureOf, lookJson, taskJson } from "./view.ts";

export interface DetachedDeps extends DeviceDeps {
  time: TimeFormat;
  /** Aborts when the API stops. */
  stopping: AbortSignal;
}

/** Exit status by which a host says that it has no such task. */
const NO_SUCH_TASK = 3;

/** Long commands that outlive their jobs. What is known of one is on its host; here is only how to get there. */
export function detachedRoutes(all: ForCaller<DetachedDeps>) {
  const of = (request: Request) => forCaller(all, request);
  return new Elysia({ name: "detached" })
    .post("/detached-tasks", ({ request }) => start(of(request), request), {
      parse: "none",
      detail: startDocs,
    })
    .post("/detached-tasks/discover", ({ request }) => discover(of(request), request), {
      parse: "none",
      detail: discoverDocs,
    })
    .get("/detached-tasks", ({ request }) => list(of(request), request.url), { detail: listDocs })
    .get("/detached-tasks/:id", ({ request, params }) => look(of(request), request, params.id), {
      detail: lookDocs,
    })
    .delete("/detached-tasks/:id", ({ request, params }) => end(of(request), request, params.id), {
      detail: deleteDocs,
    });
}

async function start(deps: DetachedDeps, request: Request): Promise<Response> {
  readQuery(request.url, noQuery);
  return execBody(deps, request, asStart(await deps.readJson(request)));
}

async function list({ engine, time }: DetachedDeps, url: string): Promise<Response> {
  const query = readQuery(url, listQuery);
  const { status, cursor } = query;
  const limit = query.limit ?? MAX_LIMIT;
  const listing = ["detached-tasks", status];
  const after = cursor === undefined ? {} : { after: decodeCursor(cursor, listing, "string") };
  const state = status === "completed" ? "exited" : status;
  const { tasks, next } = await engine.tasks.list({ ...(state && { state }), limit, ...after });
  const nextCursor = next === null ? null : encodeCursor(listing, next);
  return reply(
    tasks.map((task) => taskJson(task, time)),
    {
      beside: { pagination: { next_cursor: nextCursor, limit } },
      headers:
        nextCursor === null ? {} : { link: nextLink("/detached-tasks", { ...query, limit }, nextCursor) },
    },
  );
}

async function look(deps: DetachedDeps, request: Request, id: string): Promise<Response> {
  const { offset = 0, max_bytes } = readQuery(request.url, lookQuery);
  const { engine, time } = deps;
  const { task, login } = await opened(deps, id);
  const nothing = { task, time, offset, output: "", heard: null };
  const launch = await launchOf(engine, task);
  if (launch !== null) return reply(lookJson({ ...nothing, job: launch.job, error: launch.error }));
  const action = { action: "output", id, offset, ...(max_bytes !== undefined && { max_bytes }) } as const;
  const view = await engine.runNow(requestFor(login, action), ...waiting(deps, request));
  const [printed] = view.outputs ?? [];
  if (printed?.exitStatus === NO_SUCH_TASK) await lost(deps, id);
  const heard = heardIn(printed?.stderr.trim() ?? "");
  const job = view.job.id;
  if (view.job.status !== "finished" || heard === null) {
    return reply(lookJson({ ...nothing, job, error: failureOf(view) }));
  }
  if (heard.state !== task.state) await engine.tasks.mark(id, heard.state);
  const seen = { ...task, state: heard.state };
  return reply(
    lookJson({ task: seen, time, offset, output: printed?.stdout ?? "", heard, job, error: null }),
  );
}

/** Its host has forgotten it: somebody has removed its folder. */
async function lost({ engine }: DetachedDeps, id: string): Promise<never> {
  await engine.tasks.mark(id, "lost");
  throw new RequestError("not_found", "the host has no such task any more; DELETE forgets it here too");
}

async function end(deps: DetachedDeps, request: Request, id: string): Promise<Response> {
  readQuery(request.url, noQuery);
  const { engine } = deps;
  const { task, login } = await opened(deps, id);
  const launch = await launchOf(engine, task);
  if (launch !== null && !launch.ended) {
    await engine.cancelJob({ id: launch.job, abort: false }); // a conflict when it is just being started
  } else if (launch === null) {
    const view = await engine.runNow(requestFor(login, { action: "delete", id }), ...waiting(deps, request));
    const gone = view.outputs?.[0]?.exitStatus === NO_SUCH_TASK;
    if (view.job.status !== "finished" && !gone) {
      throw new RequestError("conflict", `the task was not ended, and is still known: ${failureOf(view)}`);
    }
  }
  await engine.tasks.forget(id);
  return reply({ task_id: id, status: "killed" });
}

/** Also those that another NetPulse has started, or this one before it lost its store. */
async function discover(deps: DetachedDeps, request: Request): Promise<Response> {
  readQuery(request.url, noQuery);
  const { engine, time } = deps;
  const asked = execRequest(engine, asDiscovery(await deps.readJson(request)), new Headers());
  const view = await engine.runNow(asked, ...waiting(deps, request));
  if (view.job.status !== "finished") throw new RequestError("conflict", failureOf(view));
  const { driver, connectionArgs, credentials, hopCredentials } = asked;
  const own = Object.entries(asked.driverArgs).filter(([name]) => LOGIN_ARGS.includes(name));
  const login: TaskLogin = { driver, connectionArgs, driverArgs: Object.fromEntries(own) };
  if (credentials !== undefined) login.credentials = credentials;
  if (hopCredentials !== undefined) login.hopCredentials = hopCredentials;
  const found: TaskView[] = [];
  for (const line of view.outputs?.[0]?.stdout.split("\n") ?? []) {
    const heard = heardIn(line);
    if (heard === null) continue;
    const { id, state, command, startedAt } = heard;
    found.push(
      await engine.tasks.keep(login, { id, state, command, createdAt: startedAt ?? view.job.createdAt }),
    );
  }
  return reply(found.map((task) => taskJson(task, time)));
}

function waiting({ auth, stopping }: DetachedDeps, request: Request) {
  return [auth.callerOf(request), AbortSignal.any([request.signal, stopping])] as const;
}

async function opened({ engine }: DetachedDeps, id: string) {
  if (!TASK_ID.test(id)) {
    throw new RequestError("not_found", "no such task; POST /detached-tasks/discover finds those of a host");
  }
  return await engine.tasks.open(id);
}
