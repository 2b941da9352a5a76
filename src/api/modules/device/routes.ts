import { Elysia } from "elysia";
import { taskOfJob } from "../../../core/detached-task.ts";
import { RequestError } from "../../../core/errors.ts";
import type { Caller, Engine, ExecRequest, JobView } from "../../../engine/engine.ts";
import { queuedJustNow } from "../../../engine/waiting.ts";
import type { Authenticator } from "../../auth.ts";
import type { JsonReader } from "../../body.ts";
import { type ForCaller, forCaller } from "../../caller-engine.ts";
import type { DriverInfo } from "../../drivers.ts";
import { inBody, invalidFields } from "../../http-error.ts";
import type { Presenter } from "../../present.ts";
import { noQuery, readQuery } from "../../query.ts";
import { reply } from "../../reply.ts";
import { isForm } from "../storage/body.ts";
import { execDocs } from "./docs.ts";
import { isWhole, readExecBody } from "./exec-body.ts";
import { type FormDeps, receiveJob } from "./form.ts";
import { readIdempotencyKey } from "./idempotency.ts";

export interface DeviceDeps {
  engine: Engine;
  present: Presenter;
  auth: Authenticator;
  readJson: JsonReader;
  drivers: readonly DriverInfo[];
}

export interface ExecDeps extends DeviceDeps {
  /** For jobs that are sent together with their file. */
  form: FormDeps;
}

export function deviceRoutes(deps: ForCaller<ExecDeps>) {
  const docs = execDocs(deps.drivers);
  return new Elysia({ name: "device" })
    .post("/device/exec", ({ request }) => exec(forCaller(deps, request), request), {
      parse: "none",
      detail: docs("execDevice"),
    })
    .post("/device/execute", ({ request }) => exec(forCaller(deps, request), request), {
      parse: "none",
      detail: docs("executeDevice"),
    });
}

async function exec(deps: ExecDeps, request: Request): Promise<Response> {
  readQuery(request.url, noQuery);
  if (isForm(request)) return execForm(deps, request);
  return execBody(deps, request, await deps.readJson(request));
}

/** The file takes its place only when the job is right, and before anybody can begin with it. */
async function execForm(deps: ExecDeps, request: Request): Promise<Response> {
  const { body, file, path } = await receiveJob(deps.form, request);
  try {
    const wanted = execRequest(deps.engine, body, request.headers);
    const wrong = deps.engine.check(wanted);
    if (wrong.length > 0) throw invalidFields(wrong.map(inBody));
    if (deps.engine.denies(wanted, deps.auth.callerOf(request)).length === 0) await file.keep(path);
  } finally {
    await file.discard();
  }
  return execBody(deps, request, body);
}

/** Queues what a body asks for, and answers with the job. */
export async function execBody(deps: DeviceDeps, request: Request, body: unknown): Promise<Response> {
  const exec = execRequest(deps.engine, body, request.headers);
  const { job, duplicate } = await submit(deps.engine, exec, deps.auth.callerOf(request));
  const view = duplicate
    ? await asItIs(deps.engine, job.id)
    : { job, outputs: null, waiting: queuedJustNow() };
  const headers = duplicate ? { "idempotency-replayed": "true" } : undefined;
  const task = exec.login === undefined ? {} : { task_id: taskOfJob(job.id) };
  return reply({ ...deps.present.job(view), ...task }, { status: 201, ...(headers && { headers }) });
}

/** What a body asks for. Throws `HttpError` that names each field that is wrong. */
export function execRequest(engine: Engine, body: unknown, headers: Headers): ExecRequest {
  const { request, errors } = readExecBody(body);
  const { idempotencyKey, errors: wrongKey } = readIdempotencyKey(headers);
  if (idempotencyKey !== undefined) request.idempotencyKey = idempotencyKey;
  errors.push(...wrongKey);
  if (isWhole(request) && errors.length === 0) return request;
  // The engine knows what is wrong in the parts that the shape leaves open: all is said in one answer.
  throw invalidFields([...errors, ...engine.check(request).map(inBody)]);
}

async function submit(engine: Engine, request: ExecRequest, caller: Caller) {
  try {
    return await engine.submit(request, caller);
  } catch (error) {
    if (!(error instanceof RequestError) || error.fields.length === 0) throw error;
    throw new RequestError(error.kind, error.message, error.fields.map(inBody));
  }
}

function asItIs(engine: Engine, id: string): Promise<JobView> {
  return engine.job({ id, waitMs: 0, outputs: true, signal: new AbortController().signal });
}
