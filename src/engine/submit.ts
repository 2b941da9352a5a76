import { lineRulesOf } from "../core/access.ts";
import { taskOfJob } from "../core/detached-task.ts";
import { type FieldError, RequestError } from "../core/errors.ts";
import { placeOfDownload } from "../core/file-transfer.ts";
import type { IdSource } from "../core/ids.ts";
import type { Job } from "../core/job.ts";
import { maskCommand } from "../core/mask.ts";
import { shardOf } from "../core/shards.ts";
import type { Driver, Task } from "../device/driver.ts";
import type { AuditEntry, AuditStore } from "../storage/audit.ts";
import type { NewJob, Storage } from "../storage/storage.ts";
import { jobEntry } from "./audit.ts";
import { type CheckDeps, checkRequest, operationOf, templatesOf } from "./check-request.ts";
import { parsingFor, secretsInContext } from "./check-templates.ts";
import { deviceOf } from "./device-of.ts";
import { secretValues } from "./driver-args.ts";
import type { Caller, ExecRequest } from "./engine.ts";
import { issueGrant } from "./file-grants.ts";
import { encodeOperation, linesOf, masksByDefault } from "./operation.ts";
import { forbidden, notPermitted, type Wish } from "./permission.ts";
import type { QueueGate } from "./queue-limits.ts";
import type { Sealer } from "./seal.ts";
import { keepTaskOf, type TasksDeps } from "./tasks.ts";
import { newWebhook } from "./webhooks.ts";

export interface SubmitDeps extends TasksDeps {
  storage: Storage;
  audit: Pick<AuditStore, "appendAudit">;
  gate: Pick<QueueGate, "enter">;
  ids: IdSource;
  /** The storage folder that files of requests are in. */
  files: { id: string };
}

/**
 * Validates, seals and queues one job. Nothing is stored unless every field is right and the caller may do it. Throws
 * `RequestError` that names each wrong field.
 */
export async function submit(
  deps: SubmitDeps,
  request: ExecRequest,
  caller: Caller,
): Promise<{ job: Job; duplicate: boolean }> {
  const wrong = checkRequest(deps, request);
  const driver = deps.drivers.find(request.driver);
  if (wrong.length > 0 || driver === null) throw invalid(wrong);
  const denied = denies(deps, request, caller);
  if (denied.length > 0) throw forbidden(denied);
  const made = newJob(deps, driver, request, caller);
  await deps.gate.enter([made.queue]);
  const stored = await storeNoted(deps, made, jobEntry(caller, request.operation.kind, made));
  if (stored.outcome === "mismatch") throw reusedKey();
  const job = stored.jobs[0];
  if (!job) throw new Error("the store answered an enqueue without its job");
  await keepTaskOf(deps, request, job);
  return { job, duplicate: stored.outcome === "duplicate" };
}

/** Together, so that a SQLite store commits both at once. A repeat under an idempotency key is no deed of its own. */
async function storeNoted({ storage, audit }: SubmitDeps, job: NewJob, entry: AuditEntry) {
  const note = () => audit.appendAudit({ entries: [entry] });
  if (job.idempotency === null) {
    const [, stored] = await Promise.all([note(), storage.enqueue({ jobs: [job] })]);
    return stored;
  }
  const stored = await storage.enqueue({ jobs: [job] });
  if (stored.outcome === "stored") await note();
  return stored;
}

/** Where a job of a batch stands. */
export interface InBatch {
  id: string;
  batchId: string;
  runAt: number | null;
}

/** Where the job of a request is to be stored. Only for a request that passed `checkRequest`. */
export function shardFor(deps: SubmitDeps, driver: Driver, request: ExecRequest): number {
  return shardOf(deviceOf(driver, request).queue, deps.storage.info.shards);
}

export function reusedKey(): RequestError {
  return new RequestError("invalid", "this Idempotency-Key was used with another body; use a new key", [
    { loc: ["header", "Idempotency-Key"], msg: "was used with another body" },
  ]);
}

/** What its caller's key does not allow. Only for a request that passed `checkRequest`. */
export function denies({ drivers }: CheckDeps, request: ExecRequest, caller: Caller): FieldError[] {
  const driver = drivers.find(request.driver);
  if (driver === null) throw new Error("the driver has gone since the request was checked");
  return notPermitted(caller, wishOf(driver, request));
}

function wishOf(driver: Driver, request: ExecRequest): Wish {
  const { connectionArgs, operation, rendering } = request;
  // What templates make is judged where it is sent.
  const lines = "text" in operation && rendering === undefined ? linesOf(operationOf(operation)) : [];
  return { device: deviceOf(driver, request), connectionArgs, kind: operation.kind, lines };
}

/** Only for a request that passed `checkRequest`. A batch has a lane of its own: its caller's other jobs get their turns. */
export function newJob(
  deps: SubmitDeps,
  driver: Driver,
  request: ExecRequest,
  caller: Caller,
  inBatch?: InBatch,
): NewJob {
  const device = deviceOf(driver, request);
  const id = inBatch?.id ?? deps.ids.job(shardOf(device.queue, deps.storage.info.shards));
  const operation = taskOf(deps, request, id);
  const secrets = [
    ...secretValues(driver, device.args, request.driverArgs, operation),
    ...secretsInContext(request.rendering?.context),
  ];
  const parsing = parsingFor(driver, request);
  const sealed = {
    driver: driver.name,
    connectionArgs: device.args,
    driverArgs: request.driverArgs,
    credentials: request.credentials ?? null,
    hopCredentials: request.hopCredentials ?? null,
    operation,
    lineRules: lineRulesOf(caller.access),
    ...(request.rendering && { rendering: request.rendering }),
    ...(parsing && { parsing }),
    maskOutput: request.maskOutput ?? masksByDefault(operation),
    secrets,
  };
  return {
    id,
    queue: device.queue,
    sealed: deps.sealer.seal(id, encodeOperation(sealed)),
    driver: request.driver,
    host: device.host,
    site: device.site,
    batchId: inBatch?.batchId ?? null,
    command: linesOf(operation).map((line) => maskCommand(shownOf(line, request), secrets)),
    retvalShape: retvalShapeOf(request.operation),
    priority: request.priority ?? 0,
    lane: inBatch?.batchId ?? caller.key,
    runAt: inBatch?.runAt ?? null,
    ttlMs: (request.ttl ?? deps.limits.ttl) * 1000,
    resultTtlMs: (request.resultTtl ?? deps.limits.resultTtl) * 1000,
    executionTimeoutMs: (request.executionTimeout ?? deps.limits.executionTimeout) * 1000,
    retries: request.retries ?? 0,
    createdAt: deps.clock.now(),
    idempotency: idempotencyOf(deps.sealer, request, caller),
    ...(request.webhook && { webhook: newWebhook(deps, id, request.webhook) }),
  };
}

function taskOf({ sealer, files }: SubmitDeps, request: ExecRequest, jobId: string): Task {
  const { operation: asked, login } = request;
  if ("text" in asked) {
    const operation = request.rendering === undefined ? operationOf(asked) : templatesOf(asked);
    const named = login !== undefined && operation.kind === "command";
    return named ? { ...operation, task: taskOfJob(jobId) } : operation;
  }
  if (asked.kind === "connect") return asked;
  const transfers = asked.transfers.map((transfer, index) => ({
    ...transfer,
    local_path: transfer.local_path ?? placeOfDownload(jobId, index, transfer.remote_path),
  }));
  const grants = transfers.map(({ operation, local_path: path }) =>
    issueGrant(sealer, { jobId, operation, path }),
  );
  return { kind: "file_transfer", transfers, folder: files.id, grants };
}

/** The longest template that a list of jobs shows whole. */
const MOST_SHOWN = 200;

function shownOf(line: string, { rendering }: ExecRequest): string {
  return rendering === undefined || line.length <= MOST_SHOWN ? line : `${line.slice(0, MOST_SHOWN)}…`;
}

/** One text has one answer; so has a test of the connection, which asks nothing. */
function retvalShapeOf(asked: ExecRequest["operation"]): NewJob["retvalShape"] {
  if ("text" in asked) return typeof asked.text === "string" ? "text" : "map";
  return asked.kind === "connect" ? "text" : "map";
}

function idempotencyOf(sealer: Sealer, request: ExecRequest, caller: Caller): NewJob["idempotency"] {
  if (request.idempotencyKey === undefined) return null;
  const { idempotencyKey, ...body } = request;
  return { scope: caller.key, key: idempotencyKey, fingerprint: sealer.fingerprint(canonicalJson(body)) };
}

/** Same fields in another order are the same request. */
export function canonicalJson(body: object): string {
  return JSON.stringify(body, (_key, value) =>
    value !== null && typeof value === "object" && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

function invalid(fields: FieldError[]): RequestError {
  const names = fields.map((field) => field.loc.join(".")).join(", ");
  return new RequestError("invalid", `wrong field${fields.length > 1 ? "s" : ""}: ${names}`, fields);
}
