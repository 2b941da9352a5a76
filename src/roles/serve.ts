import { accessSync, constants, mkdirSync } from "node:fs";
import { builtinDrivers } from "../../drivers/index.ts";
import { ensureApiKey } from "../api/api-key.ts";
import { startApi } from "../api/server.ts";
import type { Environment } from "../config/environment.ts";
import type { Config } from "../config/schema.ts";
import { systemClock } from "../core/clock.ts";
import { StartupError } from "../core/errors.ts";
import { idSource } from "../core/ids.ts";
import { driverRegistry } from "../device/registry.ts";
import { createEngine } from "../engine/create.ts";
import { sealer } from "../engine/seal.ts";
import { loadSecretKey } from "../engine/secret-key.ts";
import type { Logger } from "../observe/log.ts";
import { openStorage } from "../storage/open.ts";
import { lockDataDir } from "./data-dir-lock.ts";
import { startNode } from "./node.ts";

const ADVISED_KEY_LENGTH = 16;

/** Opens the log once this process's own secrets are known: they are hidden wherever they occur in it. */
export type OpenLogger = (secrets: readonly string[]) => Logger;

/** A role that runs until it is told to stop. */
export interface Running {
  url: string;
  log: Logger;
  /** The key that was made just now, to be shown once. */
  newKey: string | null;
  /** Takes nothing new, gives running jobs the grace, ends everything. */
  stop(graceMs: number): Promise<void>;
}

/** API and node in one process: the default on a single machine. Listens before it takes work. */
export async function serve(config: Config, env: Environment, open: OpenLogger): Promise<Running> {
  makeDataDir(config.dataDir);
  const lock = await lockDataDir(config.dataDir);
  const apiKey = ensureApiKey({ dataDir: config.dataDir, configured: config.server.apiKey });
  const log = open([apiKey.key]);
  if (apiKey.key.length < ADVISED_KEY_LENGTH)
    log.warn("the API key is short enough to be guessed; use 16 characters or more");
  const clock = systemClock;
  const ids = idSource(clock);
  const seal = sealer(loadSecretKey({ configured: config.secretKey, dataDir: config.dataDir }));
  const storage = await openStorage({
    url: config.storage.url,
    synchronous: config.storage.synchronous,
    clock,
  });
  await storage.migrate();
  const engine = createEngine({
    storage,
    sealer: seal,
    drivers: driverRegistry(builtinDrivers),
    clock,
    ids,
    limits: config.job,
    healthLimitMs: config.health.timeout * 1000,
    stopWaitMs: (config.worker.stopGrace + 2) * 1000,
  });
  await engine.start();
  const api = await startApi({ engine, config, clock, log, apiKey: apiKey.key, drivers: builtinDrivers });
  const node = await startNode({ config, env, log, storage, sealer: seal, clock, ids });
  return {
    url: api.url,
    log,
    newKey: apiKey.created ? apiKey.key : null,
    async stop(graceMs) {
      // The API last: whoever waits for a job that ends now gets its answer.
      await node.stop(graceMs);
      await engine.stop();
      await api.stop();
      await storage.close();
      lock.release();
    },
  };
}

function makeDataDir(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw new StartupError(
      `the data folder ${path} cannot be used (${(error as NodeJS.ErrnoException).code}); set NETPULSE_DATA_DIR to a folder that is yours`,
    );
  }
}
