import type { Clock } from "../../core/clock.ts";
import { ClusterRoutes } from "./connection-cluster.ts";
import { RoutedLink } from "./connection-link.ts";
import type { Routes } from "./connection-routes.ts";
import { Sentinels } from "./connection-sentinel.ts";
import { SingleRoutes } from "./connection-single.ts";
import { nameOf } from "./connection-slots.ts";
import type { SocketOptions, TlsFiles } from "./connection-socket.ts";
import type { RedisLink } from "./link.ts";
import {
  type ClusterTarget,
  parseRedisUrl,
  type RedisTarget,
  type SentinelTarget,
  type ServerTarget,
} from "./url.ts";

export interface RedisOptions {
  /** See `parseRedisUrl`. */
  url: string;
  clock: Clock;
  /** Files for TLS; only used where the URL asks for TLS. */
  tls?: TlsFiles;
  /** Replicas that must have what is durable before it counts as done; absent or null: 1 with sentinels, else 0. */
  waitReplicas?: number | null;
  /** Parts that the data is split into; part of what is stored. Absent or null: 16 in a cluster, else 1. */
  shards?: number | null;
  /** What all keys begin with, in braces; tells stores on one server apart. Default `netpulse`. */
  prefix?: string;
  /** How long one call may take, and how long it may wait for a connection before. Default 5,000. */
  commandTimeoutMs?: number;
  /** Told what works less well than it could. */
  warn?: (message: string) => void;
}

const CLUSTER_SHARDS = 16;
const DEFAULT_PREFIX = "netpulse";
const DEFAULT_TIMEOUT_MS = 5_000;

/**
 * Connects, and makes sure that what is needed may be done. Throws `StartupError` for a URL that is none, and
 * `StorageError` when no server can be used in time.
 */
export async function connectRedis(options: RedisOptions): Promise<RedisLink> {
  const target = parseRedisUrl(options.url);
  const { clock, prefix = DEFAULT_PREFIX, commandTimeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const shards = options.shards || (target.kind === "cluster" ? CLUSTER_SHARDS : 1);
  const tags = Array.from({ length: shards }, (_, shard) => `${prefix}:${shard}`);
  const socket: SocketOptions = {
    login: target.login,
    db: target.kind === "cluster" ? 0 : target.db,
    tls: target.tls ? (options.tls ?? {}) : null,
    timeoutMs: commandTimeoutMs,
    name: "netpulse",
  };
  const waitReplicas = options.waitReplicas ?? (target.kind === "sentinel" ? 1 : 0);
  const routes = routesTo(target, { clock, socket, tags, waitReplicas });
  const link = new RoutedLink({
    routes,
    clock,
    socket,
    tags,
    channel: `${prefix}:hints`,
    waits: waitReplicas > 0,
  });
  try {
    await link.start();
    if (options.warn) await warnOfLoss(routes, options.warn);
    return link;
  } catch (error) {
    await link.close();
    throw error;
  }
}

async function warnOfLoss(routes: Routes, warn: (message: string) => void): Promise<void> {
  for (const server of routes.servers()) {
    if ((await server.keepsChanges()) !== false) continue;
    warn(
      `${server.place} may lose the jobs of minutes when it is restarted or fails: set its appendonly to yes`,
    );
  }
}

interface Common {
  clock: Clock;
  socket: SocketOptions;
  tags: string[];
  waitReplicas: number;
}

function routesTo(target: RedisTarget, common: Common): Routes {
  if (target.kind === "cluster") return toCluster(target, common);
  return target.kind === "sentinel" ? toMaster(target, common) : toServer(target, common);
}

function toCluster({ nodes }: ClusterTarget, common: Common): Routes {
  return new ClusterRoutes({ ...common, nodes });
}

function toServer({ server }: ServerTarget, { clock, socket, waitReplicas }: Common): Routes {
  const place = `Redis at ${nameOf(server)}`;
  return new SingleRoutes({ clock, socket, waitReplicas, place, cluster: false, find: async () => server });
}

function toMaster(target: SentinelTarget, { clock, socket, waitReplicas }: Common): Routes {
  const { sentinels, master, sentinelLogin } = target;
  const asked = { ...socket, login: sentinelLogin, db: 0 };
  const guide = new Sentinels({ sentinels, master, clock, socket: asked });
  const place = `Redis master ${master}`;
  return new SingleRoutes({
    clock,
    socket,
    waitReplicas,
    place,
    cluster: false,
    find: () => guide.find(),
    guide,
  });
}
