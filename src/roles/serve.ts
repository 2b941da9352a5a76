import { mkdirSync } from "node:fs";
import { builtinDrivers } from "../../drivers/index.ts";
import { ensureApiKey } from "../api/api-key.ts";
import { startApi } from "../api/server.ts";
import type { Config } from "../config/schema.ts";
import { systemClock } from "../core/clock.ts";
import { StartupError } from "../core/errors.ts";
import { idSource } from "../core/ids.ts";
import { driverRegistry } from "../device/registry.ts";
import { createEngine } from "../engine/create.ts";
import type { Sealer } from "../engine/seal.ts";
import { sealer } from "../engine/seal.ts";
import { loadSecretKey } from "../engine/secret-key.ts";
import type { Logger } from "../observe/log.ts";
import { openStorage } from "../storage/open.ts";
import { startNode } from "./node.ts";

/** A role that runs until it is told to stop. */
export interface Running {
  url: string;
  /** The key that was made just now, to be shown once. */
  newKey: string | null;
  /** Takes nothing new, gives running jobs the grace, ends everything. */
  stop(graceMs: number): Promise<void>;
}

/** API and node in one process: the default on a single machine. */
export async function serve(config: Config, env: Record<string, string>, log: Logger): Promise<Running> {
  makeDataDir(config.dataDir);
  const clock = systemClock;
  const ids = idSource(clock);
  const seal: Sealer = sealer(loadSecretKey({ configured: config.secretKey, dataDir: config.dataDir }));
  const apiKey = ensureApiKey({ dataDir: config.dataDir, configured: config.server.apiKey });
  const storage = await openStorage({
    url: config.storage.url,
    synchronous: config.storage.synchronous,
    clock,
  });
  await storage.migrate();
  const drivers = driverRegistry(builtinDrivers);
  const engine = createEngine({
    storage,
    sealer: seal,
    drivers,
    clock,
    ids,
    limits: config.job,
    stopWaitMs: (config.worker.stopGrace + 2) * 1000,
  });
  const node = await startNode({ config, env, log, storage, sealer: seal, clock, ids });
  await engine.start();
  const api = await startApi({ engine, config, clock, log, apiKey: apiKey.key, drivers: builtinDrivers });
  return {
    url: api.url,
    newKey: apiKey.created ? apiKey.key : null,
    async stop(graceMs) {
      await api.stop();
      await node.stop(graceMs);
      await engine.stop();
      await storage.close();
    },
  };
}

function makeDataDir(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StartupError(
      `the data folder ${path} cannot be made: ${(error as Error).message}; set NETPULSE_DATA_DIR`,
    );
  }
}
