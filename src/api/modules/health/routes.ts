import { Elysia } from "elysia";
import type { Clock } from "../../../core/clock.ts";
import type { HealthReport } from "../../../engine/engine.ts";
import { VERSION } from "../../../observe/version.ts";
import { HttpError } from "../../http-error.ts";
import { noQuery, readQuery } from "../../query.ts";
import { reply } from "../../reply.ts";
import type { ApiSettings } from "../../settings.ts";
import { seconds, type TimeFormat } from "../../time.ts";
import { prefersMetrics } from "../metrics/accept.ts";
import type { Scrape } from "../metrics/routes.ts";
import { healthDocs, liveDocs, readyDocs } from "./docs.ts";
import type { Meter } from "./meter.ts";
import type { Probe, ProbeResult } from "./probe.ts";
import { type HealthJson, healthQuery } from "./schema.ts";

export interface HealthDeps {
  probe: Probe;
  meter: Meter;
  clock: Clock;
  time: TimeFormat;
  scrape: Scrape;
  config: ApiSettings;
  isDraining: () => boolean;
  /** When the API started, on the clock's monotonic scale. */
  startedAt: number;
}

export function healthRoutes(deps: HealthDeps) {
  return new Elysia({ name: "health" })
    .get("/health", ({ request }) => health(deps, request), { detail: healthDocs })
    .get("/livez", ({ request }) => live(request.url), { detail: liveDocs })
    .get("/readyz", ({ request }) => ready(deps, request.url), { detail: readyDocs });
}

/** An answer is used again for a second. */
const ASK_AGAIN = { "retry-after": "1" };

async function health(deps: HealthDeps, { url, headers }: Request): Promise<Response> {
  const { verbose } = readQuery(url, healthQuery);
  if (prefersMetrics(headers.get("accept"))) return await deps.scrape();
  return await healthJson(deps, verbose);
}

async function healthJson(deps: HealthDeps, verbose: boolean | undefined): Promise<Response> {
  if (verbose) return reply(await healthDetails(deps));
  const state = await deps.probe();
  if (state.ok) return reply("ok");
  throw unhealthy(state, state.down);
}

/** How everything is. Throws `HttpError` (503) with the same where something is down. */
export async function healthDetails(deps: HealthDeps): Promise<HealthJson> {
  const state = await deps.probe();
  const data = details(deps, state);
  if (state.ok) return data;
  throw unhealthy(state, data);
}

function unhealthy({ down }: ProbeResult, data: unknown): HttpError {
  return new HttpError(503, `not healthy: ${down.join("; ")}`, { data, headers: ASK_AGAIN });
}

function live(url: string): Response {
  readQuery(url, noQuery);
  return reply("ok");
}

/** Open to all, so it says nothing else. */
async function ready({ probe, isDraining }: HealthDeps, url: string): Promise<Response> {
  readQuery(url, noQuery);
  if (isDraining()) throw new HttpError(503, "draining", { headers: ASK_AGAIN });
  const { ok } = await probe();
  if (ok) return reply("ok");
  throw new HttpError(503, "not ready", { headers: ASK_AGAIN });
}

function details({ meter, clock, time, config, startedAt }: HealthDeps, state: ProbeResult): HealthJson {
  const reading = meter.read();
  const { maxErrorRate } = config.health;
  const apiOk = reading.error_rate <= maxErrorRate;
  return {
    status: state.ok ? (apiOk ? "ok" : "degraded") : "down",
    down: state.down,
    version: VERSION,
    uptime: seconds(clock.monotonic() - startedAt),
    api: { ok: apiOk, ...reading, max_error_rate: maxErrorRate },
    ...parts(state, clock.now(), time),
  };
}

type Parts = Pick<HealthJson, "storage" | "workers" | "queues" | "jobs">;

function parts({ report }: ProbeResult, now: number, time: TimeFormat): Parts {
  if (report === null) {
    return {
      storage: { name: "unknown", ok: false, latency: null, size_bytes: null },
      workers: { busy: 0, idle: 0, suspended: 0, dead: 0, oldest_heartbeat: null },
      queues: [],
      jobs: {},
    };
  }
  const { latencyMs, sizeBytes, name, ok } = report.storage;
  const { oldestHeartbeat, ...counts } = report.workers;
  return {
    storage: { name, ok, latency: latencyMs === null ? null : seconds(latencyMs), size_bytes: sizeBytes },
    workers: { ...counts, oldest_heartbeat: oldestHeartbeat === null ? null : time.format(oldestHeartbeat) },
    queues: deepest(report.queues).map(({ queue, depth, oldestAt }) => ({
      queue,
      depth,
      oldest_age: seconds(Math.max(0, now - oldestAt)),
    })),
    jobs: report.jobs,
  };
}

/** There may be a queue for every device there is. */
const MAX_QUEUES = 100;

function deepest(queues: HealthReport["queues"]): HealthReport["queues"] {
  return queues.toSorted((a, b) => b.depth - a.depth).slice(0, MAX_QUEUES);
}
