import { chmodSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "../observe/log.ts";
import { fileName } from "./data-dir-lock.ts";

export interface NodeDoor {
  close(): Promise<void>;
}

/** A node has no HTTP port; where its health check finds it. */
export function nodeDoorPath(dataDir: string, name: string): string {
  return join(dataDir, `node-${fileName(name)}.sock`);
}

/**
 * Answers health checks of this machine as long as the event loop does. Called by who holds the node's name, so that a
 * socket that is there was left by one that was killed. A node works without one: that it cannot be had is a warning.
 */
export function openNodeDoor(path: string, log: Logger): NodeDoor {
  try {
    rmSync(path, { force: true });
    const server = Bun.serve({ unix: path, development: false, fetch: () => new Response("ok\n") });
    chmodSync(path, 0o600);
    return {
      async close() {
        await server.stop(true);
        rmSync(path, { force: true });
      },
    };
  } catch (error) {
    log.warn("health checks will not find this node", { path, error });
    return { close: async () => {} };
  }
}
