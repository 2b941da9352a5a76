import { describePlatforms } from "../../drivers/cli/describe.ts";
import { ensureApiKey } from "../api/api-key.ts";
import { DASHBOARD_FOLDER } from "../api/modules/dashboard/routes.ts";
import { startApi } from "../api/server.ts";
import type { Config } from "../config/schema.ts";
import { lazyDashboard } from "../dashboard/assets.ts";
import { driverRegistry } from "../device/registry.ts";
import { auditPruning } from "../engine/audit-pruning.ts";
import { createEngine } from "../engine/create.ts";
import { keyWatch } from "../engine/key-watch.ts";
import { QueueGate } from "../engine/queue-limits.ts";
import { Repeat } from "../engine/repeat.ts";
import { openFileFolder } from "../files/folder.ts";
import { httpServers } from "../mcp/http.ts";
import { deliveryMetrics } from "../observe/delivery-metrics.ts";
import { type Base, openBase } from "./base.ts";
import { makeDataDir } from "./data-dir.ts";
import { fileExpiry } from "./file-expiry.ts";
import type { OpenLogger, StartRole } from "./running.ts";
import { templateHosts } from "./templates.ts";
import { webhookDeliverer, webhookTerms } from "./webhooks.ts";

const ADVISED_KEY_LENGTH = 16;
/** Seconds beyond the grace in which a node finds that a session host hangs, kills it, and stores what died with it. */
const EXAMINATION = 6;

/** How often detached tasks whose time is over are looked for; nobody finds them meanwhile. */
const TASK_ROUND_MS = 600_000;
const TASKS_A_ROUND = 1000;

export interface ApiSide {
  announcement: string[];
  /** Says from now on that it should not get requests any more; it answers all the same. */
  drain(): void;
  stop(): Promise<void>;
}

/** HTTP only: any number of these, on one machine or several, over one store. */
export const api: StartRole = async (config, env, open) => {
  makeDataDir(config.dataDir);
  const key = openWithKey(config, open);
  const base = await openBase({ config, env, log: key.log });
  const side = await startApiSide(base, key);
  return {
    log: key.log,
    announcement: side.announcement,
    async stop() {
      await side.stop();
      await base.storage.close();
    },
  };
};

/** The API key, and the log that hides it. */
export function openWithKey(config: Config, open: OpenLogger) {
  const { key, created } = ensureApiKey({ dataDir: config.dataDir, configured: config.server.apiKey });
  const log = open([key]);
  if (key.length < ADVISED_KEY_LENGTH)
    log.warn("the API key is short enough to be guessed; use 16 characters or more");
  return { key, created, log };
}

/** The engine and HTTP over it. */
export async function startApiSide(base: Base, apiKey: { key: string; created: boolean }): Promise<ApiSide> {
  const { config, clock, log, storage, drivers } = base;
  const files = await openFileFolder(config.storageFiles);
  const expiry = fileExpiry(base);
  const taskExpiry = new Repeat({
    clock,
    everyMs: TASK_ROUND_MS,
    round: async () => void (await storage.pruneTasks({ max: TASKS_A_ROUND })),
    onError: (error) => log.error("detached tasks whose time is over were not forgotten", { error }),
  });
  const engine = createEngine({
    ...base,
    files,
    batches: storage,
    tasks: storage,
    audit: storage,
    gate: new QueueGate(storage, clock, config.job),
    deliveries: storage,
    webhooks: webhookTerms(config),
    drivers: driverRegistry(drivers),
    limits: config.job,
    healthLimitMs: config.health.timeout * 1000,
    nodeSilenceMs: config.worker.lease * 1000,
    inlineOutput: config.job.inlineOutput,
    stopWaitMs: (config.worker.stopGrace + EXAMINATION) * 1000,
  });
  const delivered = deliveryMetrics();
  const deliverer = webhookDeliverer(base, engine, delivered);
  await engine.start();
  const pruning = auditPruning(storage, clock, {
    retentionMs: config.audit.retention * 1000,
    onError: (error) => log.warn("the audit log was not pruned", { error }),
  });
  const keys = keyWatch({
    ring: base.sealer,
    storage,
    clock,
    onError: (error) => log.error("the sealing key was not looked for", { error }),
  });
  const duties = [expiry, taskExpiry, pruning, deliverer, keys];
  for (const duty of duties) await duty.start();
  let draining = false;
  const isDraining = () => draining;
  const templates = templateHosts(base);
  const server = await startApi({
    engine,
    hostKeys: storage,
    files,
    keys: storage,
    audit: storage,
    templates,
    mcp: httpServers({
      platforms: describePlatforms(),
      approval: config.mcp.configApproval,
      clock,
      onFault: (error) => log.error("a tool of MCP failed", { error }),
    }),
    config,
    clock,
    log,
    apiKey: apiKey.key,
    drivers,
    metrics: [delivered],
    dashboard: lazyDashboard(DASHBOARD_FOLDER),
    isDraining,
  });
  const { url } = server;
  const lines = [`netpulse serving at ${url}`, `Dashboard at ${url}/`, `Swagger UI at ${url}/swagger`];
  const kept = `${config.dataDir}/api-key`;
  return {
    announcement: apiKey.created ? [...lines, `API key, made now and kept in ${kept}: ${apiKey.key}`] : lines,
    drain() {
      draining = true;
    },
    async stop() {
      for (const duty of duties) await duty.stop();
      await engine.stop();
      await server.stop();
      await templates.stop();
    },
  };
}
