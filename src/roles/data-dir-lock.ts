import { createHash } from "node:crypto";
import { realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StartupError } from "../core/errors.ts";

/** The longest path a unix socket may have on every system that we run on. */
const LONGEST_SOCKET_PATH = 100;

/**
 * Holds a data folder for this process: two nodes of one name on one store would take each other for a
 * restart. A socket, not a file with a number in it: it dies with its process, however that ends.
 */
export async function lockDataDir(dataDir: string): Promise<{ release(): void }> {
  const path = socketPath(realpathSync(dataDir));
  if (await answers(path)) {
    throw new StartupError(
      `another netpulse serve uses the data folder ${dataDir}; stop it, or set NETPULSE_DATA_DIR to another one`,
    );
  }
  rmSync(path, { force: true }); // left by a killed process
  const socket = Bun.listen({ unix: path, socket: { data() {} } });
  return {
    release() {
      socket.stop(true);
      rmSync(path, { force: true });
    },
  };
}

function socketPath(dataDir: string): string {
  const path = join(dataDir, "serve.sock");
  if (Buffer.byteLength(path) <= LONGEST_SOCKET_PATH) return path;
  const name = createHash("sha256").update(dataDir).digest("hex").slice(0, 24);
  return join(tmpdir(), `netpulse-${name}.sock`);
}

async function answers(path: string): Promise<boolean> {
  try {
    const connection = await Bun.connect({ unix: path, socket: { data() {} } });
    connection.end();
    return true;
  } catch {
    return false; // nobody there, or nothing: either way nobody holds it
  }
}
