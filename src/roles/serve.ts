import { openWithKey, startApiSide } from "./api.ts";
import { openBase } from "./base.ts";
import { makeDataDir } from "./data-dir.ts";
import { lockDataDir, lockNodeName } from "./data-dir-lock.ts";
import { startNode } from "./node.ts";
import type { StartRole } from "./running.ts";

/** API and node in one process: the default on a single machine. Listens before it takes work. */
export const serve: StartRole = async (config, env, open) => {
  makeDataDir(config.dataDir);
  const locks = [await lockDataDir(config.dataDir), await lockNodeName(config.dataDir, config.node.name)];
  const key = openWithKey(config, open);
  const base = await openBase({ config, env, log: key.log });
  const api = await startApiSide(base, key);
  const node = await startNode(base);
  return {
    log: key.log,
    announcement: api.announcement,
    async stop(grace) {
      api.drain();
      // The API last: whoever waits for a job that ends now gets its answer.
      await node.stop(grace);
      await api.stop();
      await base.storage.close();
      for (const lock of locks) lock.release();
    },
  };
};
