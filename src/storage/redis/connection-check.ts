import type { Redis } from "ioredis";
import { send } from "./connection-socket.ts";
import { replyCode, UnfitError } from "./errors.ts";

const OLDEST_MAJOR = 7;

/**
 * Refuses a server that jobs cannot be trusted to: too old, one that throws keys away when its memory is full, a
 * replica, one that is still loading, one of a cluster where none is expected, or the other way round. A user who
 * may not ask is let through: what cannot work then fails by itself.
 */
export async function checkServer(socket: Redis, cluster: boolean): Promise<void> {
  const info = await readInfo(socket);
  if (info === null) return;
  const version = info.get("redis_version") ?? "";
  if (Number.parseInt(version, 10) < OLDEST_MAJOR) {
    refuse(`it is Redis ${version}; ${OLDEST_MAJOR}.0 or newer is needed`);
  }
  if (
    Number(info.get("maxmemory") ?? 0) > 0 &&
    (info.get("maxmemory_policy") ?? "noeviction") !== "noeviction"
  ) {
    refuse(
      `it throws data away when its memory is full (maxmemory-policy ${info.get("maxmemory_policy")}); set maxmemory-policy noeviction`,
    );
  }
  if ((info.get("cluster_enabled") === "1") !== cluster) {
    refuse(
      cluster
        ? "it is no server of a cluster; write redis:// in storage.url"
        : "it is a server of a cluster; write redis+cluster:// in storage.url",
    );
  }
  if (info.get("loading") === "1") throw new UnfitError("it is still loading its data", { lasting: false });
  if (info.get("role") === "slave") {
    throw new UnfitError("it is a read-only replica; storage.url must lead to the master", {
      lasting: false,
    });
  }
}

/** `used_memory_dataset` and the like; null for a user who may not ask. */
export async function readInfo(socket: Redis): Promise<Map<string, string> | null> {
  try {
    return parseInfo(String(await send(socket, "info", [])));
  } catch (error) {
    if (replyCode(error) === "NOPERM") return null;
    throw error;
  }
}

export function parseInfo(text: string): Map<string, string> {
  const fields = [...text.matchAll(/^([^#:\r\n]+):([^\r\n]*)/gm)];
  return new Map(fields.map(([, name = "", value = ""]) => [name, value]));
}

function refuse(why: string): never {
  throw new UnfitError(why, { lasting: true });
}
