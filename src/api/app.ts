import { type AnyElysia, Elysia } from "elysia";
import type { Clock } from "../core/clock.ts";
import type { FileFolder } from "../core/files.ts";
import type { Caller, Engine } from "../engine/engine.ts";
import type { Logger } from "../observe/log.ts";
import type { ApiKeyStore } from "../storage/api-keys.ts";
import type { AuditStore } from "../storage/audit.ts";
import type { Templates } from "../template/templates.ts";
import { type Authenticator, authenticator } from "./auth.ts";
import { jsonReader } from "./body.ts";
import { callerEngines } from "./caller-engine.ts";
import { callerFiles } from "./caller-files.ts";
import { type Clients, clientsBehind, type PeerOf } from "./clients.ts";
import { corsFor } from "./cors.ts";
import type { DriverInfo } from "./drivers.ts";
import { type ErrorMapper, errorMapper } from "./errors.ts";
import { assertScope, routeNeeds } from "./gate.ts";
import { checkHead } from "./head-limits.ts";
import { HttpError } from "./http-error.ts";
import { auditRoutes } from "./modules/audit/routes.ts";
import { batchRoutes } from "./modules/batch/routes.ts";
import { bulkRoutes } from "./modules/bulk/routes.ts";
import { type DashboardFiles, dashboardRoutes } from "./modules/dashboard/routes.ts";
import { detachedRoutes } from "./modules/detached/routes.ts";
import { deviceRoutes } from "./modules/device/routes.ts";
import { deviceTestRoutes } from "./modules/device-test/routes.ts";
import { openApiDocument } from "./modules/docs/document.ts";
import { docsRoutes } from "./modules/docs/routes.ts";
import { eventRoutes } from "./modules/events/routes.ts";
import { EVENT_STREAM } from "./modules/events/stream.ts";
import { type Meter, requestMeter } from "./modules/health/meter.ts";
import { healthProbe } from "./modules/health/probe.ts";
import { healthRoutes } from "./modules/health/routes.ts";
import { type HostKeysDeps, hostKeyRoutes } from "./modules/hostkeys/routes.ts";
import { jobRoutes } from "./modules/jobs/routes.ts";
import { mcpRoutes } from "./modules/mcp/routes.ts";
import type { McpServers } from "./modules/mcp/servers.ts";
import { type HttpMetrics, httpMetrics } from "./modules/metrics/http.ts";
import { type MetricsText, metricsRoutes, scraper } from "./modules/metrics/routes.ts";
import { nodeFilesRoutes } from "./modules/node-files/routes.ts";
import { outputRoutes } from "./modules/output/routes.ts";
import { ownKeyRoutes } from "./modules/own-key/routes.ts";
import { isOldPath, pluralRoutes } from "./modules/plural/routes.ts";
import { storageRoutes } from "./modules/storage/routes.ts";
import type { UploadDeps } from "./modules/storage/upload.ts";
import { templateRoutes } from "./modules/template/routes.ts";
import { webhookRoutes } from "./modules/webhook/routes.ts";
import { workerRoutes } from "./modules/workers/routes.ts";
import { makeUrlPlain } from "./plain-url.ts";
import { presenter } from "./present.ts";
import { replyError } from "./reply.ts";
import { Routes } from "./routes.ts";
import type { ApiSettings } from "./settings.ts";
import { timeFormat } from "./time.ts";

export interface ApiDeps {
  engine: Engine;
  hostKeys: HostKeysDeps["hostKeys"];
  /** The storage folder. */
  files: FileFolder;
  templates: Templates;
  mcp: McpServers;
  config: ApiSettings;
  apiKey: string;
  keys: Pick<ApiKeyStore, "findKey">;
  audit: Pick<AuditStore, "appendAudit" | "listAudit">;
  /** For the documentation. */
  drivers: readonly DriverInfo[];
  dashboard: DashboardFiles;
  clock: Clock;
  log: Logger;
  /** What else is counted in this process. */
  metrics?: readonly MetricsText[];
  /** Whether the process was told to stop and only finishes what it has. */
  isDraining?: () => boolean;
  /** Where a request's connection comes from. */
  peerOf?: PeerOf;
}

/** The API without a socket. */
export interface Api {
  /** Answers every request in the envelope; never rejects. */
  handle(request: Request): Promise<Response>;
  /** Lets everybody who waits for a job's end go, with the job as it is. */
  release(): void;
}

export function createApi(deps: ApiDeps): Api {
  const { clock, log } = deps;
  const stopping = new AbortController();
  const meter = requestMeter(clock);
  const clients = clientsBehind(deps.config.server.trustProxy, deps.peerOf ?? (() => null));
  const cors = corsFor(deps.config.server.corsOrigins);
  const { keyCache, rateLimit } = deps.config.server;
  const { apiKey, keys } = deps;
  const auth = authenticator({
    apiKey,
    keys,
    clock,
    cacheMs: keyCache * 1000,
    perMinute: rateLimit,
    clients,
  });
  const toHttp = errorMapper({ clock, log });
  const routes = new Routes();
  const counters = { meter, http: httpMetrics(routes) };
  const modules = apiModules(deps, { auth, clients, counters, stopping: stopping.signal, ask: handle });
  const inner = [
    nodeFilesRoutes({ ...uploadsOf(deps), engine: deps.engine }),
    dashboardRoutes(deps.dashboard),
  ];
  const app = assemble({ modules, inner, drivers: deps.drivers, toHttp, routes });
  for (const { path } of app.routes) routes.add(path);
  const gate = admission({ app, auth, routes });

  async function answer(request: Request): Promise<Response> {
    try {
      const admitted = gate(request);
      if (admitted !== null) await admitted;
      return await app.fetch(request);
    } catch (error) {
      return refusal(request, toHttp(error));
    }
  }

  async function answerAny(request: Request): Promise<Response> {
    try {
      makeUrlPlain(request);
      checkHead(request, deps.config.server);
    } catch (error) {
      return refusal(request, toHttp(error));
    }
    return await (request.method === "HEAD" ? head(request, clients, answer) : answer(request));
  }

  async function handle(request: Request): Promise<Response> {
    const startedAt = clock.monotonic();
    const address = log.enabled("debug") ? clients.of(request).address : null;
    const response = cors.preflight(request) ?? (await answerAny(request));
    cors.open(request, response);
    finish(deps, counters, { request, response, address, ms: clock.monotonic() - startedAt });
    return response;
  }

  return { handle, release: () => stopping.abort() };
}

/** What is counted of every request. */
interface Counters {
  meter: Meter;
  http: HttpMetrics;
}

/** What the modules share. */
interface Shared {
  auth: Authenticator;
  clients: Clients;
  counters: Counters;
  stopping: AbortSignal;
  ask(request: Request): Promise<Response>;
}

function apiModules(deps: ApiDeps, { auth, clients, counters, stopping, ask }: Shared): AnyElysia[] {
  const { meter, http } = counters;
  const { engine, hostKeys, templates, audit, config, drivers, clock, log, isDraining = () => false } = deps;
  const { maxBody, bodyTimeout } = config.server;
  const present = presenter(config.timeZone);
  const time = timeFormat(config.timeZone);
  const engineOf = callerEngines(deps, auth.callerOf);
  const jobs = { engine, engineOf, present, time, stopping };
  const readJson = jsonReader({ max: maxBody, timeoutMs: bodyTimeout * 1000 }, clock);
  const probe = healthProbe({ engine, clock, log });
  const scrape = scraper({ probe, counted: [http, ...(deps.metrics ?? [])], clock });
  const startedAt = clock.monotonic();
  const devices = { engine, engineOf, present, auth, readJson, drivers };
  const health = { probe, meter, scrape, clock, time, config, isDraining, startedAt };
  const uploads = uploadsOf(deps);
  return [
    deviceRoutes({ ...devices, form: { ...uploads, maxBody } }),
    detachedRoutes({ ...devices, time, stopping }),
    deviceTestRoutes({ engine, engineOf, auth, time, clock, readJson, stopping }),
    bulkRoutes({ engine, engineOf, present, auth, readJson, maxBulk: config.job.maxBulk }),
    batchRoutes({ engine, engineOf, present, auth, time, readJson, maxBulk: config.job.maxBulk }),
    eventRoutes({ engine, engineOf, present, time, clock, stopping, limits: config.server }),
    jobRoutes(jobs),
    outputRoutes({ engine, engineOf, time }),
    storageRoutes({
      ...uploads,
      time,
      ttlMs: config.storageFiles.ttl * 1000,
      mayHave: callerFiles({ callerOf: auth.callerOf, engineOf }),
    }),
    workerRoutes({ engineOf, present }),
    webhookRoutes({ engine, engineOf, time, readJson }),
    hostKeyRoutes({ hostKeys, audit, auth, time }),
    auditRoutes({ audit, time }),
    ownKeyRoutes(auth),
    templateRoutes({ templates, auth, readJson, stopping }),
    healthRoutes(health),
    pluralRoutes({ jobs, health }),
    metricsRoutes(scrape),
    mcpRoutes({
      servers: deps.mcp,
      ...{ auth, clients, clock, readJson, stopping, ask },
      limits: config.mcp,
      corsOrigins: config.server.corsOrigins,
    }),
  ];
}

function uploadsOf({ files, clock, config }: ApiDeps): UploadDeps {
  return { files, clock, timeoutMs: config.storageFiles.uploadTimeout * 1000 };
}

interface Parts {
  modules: AnyElysia[];
  /** What is for nodes and for browsers, and not in the documentation. */
  inner: AnyElysia[];
  drivers: readonly DriverInfo[];
  toHttp: ErrorMapper;
  routes: Routes;
}

function assemble({ modules, inner, drivers, toHttp, routes }: Parts): AnyElysia {
  // Elysia otherwise takes every host name to be at least four characters long.
  const app: AnyElysia = new Elysia({ name: "api", handler: { standardHostname: false } });
  app.onError(({ error, code, request, set }) => {
    const failure = code === "NOT_FOUND" ? unrouted(app, routes, request) : toHttp(error);
    set.status = failure.status;
    return refusal(request, failure);
  });
  for (const module of [...modules, ...inner]) app.use(module);
  return app.use(docsRoutes(() => openApiDocument(modules, drivers)));
}

function refusal({ url }: Request, error: HttpError): Response {
  return replyError(error, isOldPath(plainPath(url)) ? { detail: error.message } : {});
}

interface Admission {
  app: AnyElysia;
  auth: Authenticator;
  routes: Routes;
}

/**
 * Lets a request to its route, or throws: without a key that is right nobody learns what there is, and nothing is
 * answered but what was found to be a route here, with a scope that its key has. Null: at once.
 */
function admission({ app, auth, routes }: Admission): (request: Request) => Promise<void> | null {
  const needs = routeNeeds(app);
  return (request) => {
    const method = request.method === "HEAD" ? "GET" : request.method;
    const route = routes.find(plainPath(request.url));
    const needed = route === null ? undefined : needs.get(`${method} ${route}`);
    if (needed === "open") return null;
    const pass = (caller: Caller) => {
      if (needed === undefined) throw unrouted(app, routes, request);
      assertScope(caller, needed);
    };
    const caller = auth.admit(request);
    if (caller instanceof Promise) return caller.then(pass);
    pass(caller);
    return null;
  };
}

/** The router takes a slash at the end for none. */
function plainPath(url: string): string {
  return pathOf(url).replace(/(?<=.)\/$/, "");
}

function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("//") + 2);
  const end = url.indexOf("?", start);
  return url.slice(start, end < 0 ? undefined : end);
}

/** No such path, or not with this method. */
function unrouted(app: AnyElysia, routes: Routes, { method, url }: Request): HttpError {
  const path = routes.find(plainPath(url));
  const methods = app.routes.filter((route) => route.path === path).map((route) => route.method);
  if (methods.length === 0) return new HttpError(404, "no such path; /swagger shows what there is");
  const allow = [...methods, ...(methods.includes("GET") ? ["HEAD"] : [])].join(", ");
  return new HttpError(405, `${method} is not possible here; use ${allow}`, { headers: { allow } });
}

/** As GET, without the body; its length is told all the same. */
async function head(
  request: Request,
  clients: Clients,
  answer: (request: Request) => Promise<Response>,
): Promise<Response> {
  const { url, headers, signal } = request;
  const get = new Request(url, { headers, signal });
  clients.same(get, request);
  const response = await answer(get);
  if (response.headers.get("content-type") === EVENT_STREAM) {
    await response.body?.cancel();
    return new Response(null, { status: response.status, headers: response.headers });
  }
  if (response.headers.has("content-length")) {
    await response.body?.cancel();
    return new Response(null, { status: response.status, headers: response.headers });
  }
  let length = 0;
  for await (const piece of response.body ?? []) length += piece.length;
  response.headers.set("content-length", String(length));
  return new Response(null, { status: response.status, headers: response.headers });
}

interface Exchange {
  request: Request;
  response: Response;
  address: string | null;
  ms: number;
}

/** The path alone is logged: a query may hold the key. Long polls, templates and MCP say nothing about latency. */
function finish(
  { log }: ApiDeps,
  { meter, http }: Counters,
  { request, response, address, ms }: Exchange,
): void {
  const { url, method } = request;
  const { status: statusCode } = response;
  const path = pathOf(url);
  const held = url.includes("wait=") || /^\/(?:device\/test|template\/|mcp$)/.test(path);
  if (!held) meter.record(statusCode, ms);
  http.record({ method, path, status: statusCode, ms, held });
  if (!log.enabled("debug")) return;
  log.debug("request", { method, path, client: address, statusCode, ms: Math.round(ms * 1000) / 1000 });
}
