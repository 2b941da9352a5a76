import { canonicalHost, fifoQueue, pinnedQueue, type Site } from "../core/device.ts";
import type { Driver } from "../device/driver.ts";
import type { ExecRequest } from "./engine.ts";

export interface Device {
  args: Record<string, unknown>;
  host: string;
  site: Site;
  queue: string;
}

/** Only for a request that passed `checkRequest`. */
export function deviceOf(
  driver: Driver,
  request: Pick<ExecRequest, "connectionArgs" | "queueStrategy">,
): Device {
  const { host, port, site } = request.connectionArgs as { host: string; port?: number; site?: string };
  const usual = driver.usualPort?.(request.connectionArgs) ?? driver.defaultPort;
  const address = { host: canonicalHost(host) ?? host, port: port ?? usual, site: site ?? null };
  const pinned = (request.queueStrategy ?? driver.defaultQueue) === "pinned";
  return {
    args: { ...request.connectionArgs, host: address.host, port: address.port },
    host: address.host,
    site: address.site,
    queue: pinned ? pinnedQueue(address, usual) : fifoQueue(address.site),
  };
}
