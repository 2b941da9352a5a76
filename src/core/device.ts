import { isIP } from "node:net";
import { FIFO_QUEUE, PINNED_PREFIX } from "./job.ts";

const HOSTNAME =
  /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$/;
const FIFO_SITE_PREFIX = `${FIFO_QUEUE}_`;
const SITE = /^[a-z0-9][a-z0-9._-]{0,62}$/i;

/**
 * One spelling per host, so that two spellings never make two devices: lower case, no trailing dot,
 * IPv6 compressed as in RFC 5952, IPv4 as it is. `null` when it is neither a host name nor an address.
 */
export function canonicalHost(host: string): string | null {
  const bare = host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
  const kind = isIP(bare);
  if (kind === 4) return bare;
  if (kind === 6) return canonicalIPv6(bare);
  if (/^[\d.]+$/.test(bare)) return null; // meant to be an address, and is none
  const lower = bare.toLowerCase();
  return HOSTNAME.test(lower) ? lower.replace(/\.$/, "") : null;
}

/**
 * The URL parser compresses as RFC 5952 says; it knows no zone, so the zone is kept beside it, as it is:
 * Linux tells network interfaces `enP1` and `enp1` apart.
 */
function canonicalIPv6(address: string): string | null {
  const [plain = "", zone] = address.split("%", 2);
  if (zone !== undefined && !/^[a-z0-9._-]{1,32}$/i.test(zone)) return null;
  const compressed = new URL(`http://[${plain}]/`).hostname.slice(1, -1);
  return zone === undefined ? compressed : `${compressed}%${zone}`;
}

/** Where addresses without a site are, as `node.sites` calls it. No request may: it leaves the site out. */
export const DEFAULT_SITE = "default";

/** Null is the default one. */
export type Site = string | null;

export function isSite(site: string): boolean {
  return SITE.test(site) && site !== DEFAULT_SITE;
}

/** The sites that a list with commas names, each once; null when one of them cannot be a site, or none is there. */
export function parseSites(list: string): Site[] | null {
  const names = [...new Set(list.split(",").map((name) => name.trim()))];
  if (!names.every((name) => name === DEFAULT_SITE || isSite(name))) return null;
  return names.map((name) => (name === DEFAULT_SITE ? null : name));
}

/** What stands for every proxy in a list of them. */
export const ANY_PROXY = "*";

/**
 * The proxies that a list of `host:port` with commas names; null for {@link ANY_PROXY}, undefined when one
 * of them cannot be one.
 */
export function parseProxies(list: string): { host: string; port: number }[] | null | undefined {
  if (list.trim() === ANY_PROXY) return null;
  const proxies = list.split(",").map((name) => {
    const { host, port, site } = parseDeviceName(name.trim());
    const canonical = canonicalHost(host);
    return site === null && canonical !== null && isPort(port) ? { host: canonical, port } : null;
  });
  return proxies.every((proxy) => proxy !== null) ? proxies : undefined;
}

function isPort(port: number | null): port is number {
  return port !== null && Number.isInteger(port) && port >= 1 && port <= 65_535;
}

/** Where a device is. Two requests with equal parts mean the same device. */
export interface DeviceAddress {
  host: string;
  port: number;
  site: Site;
}

/**
 * The queue of jobs that run one after another on a device: `pinned_{host}`, with the port where it is
 * not the driver's default and the site in front where there is one. IPv6 gets brackets before a port,
 * so that no two devices share a name.
 */
export function pinnedQueue(address: DeviceAddress, usualPort: number): string {
  const site = address.site === null ? "" : `${address.site}/`;
  if (address.port === usualPort) return `${PINNED_PREFIX}${site}${address.host}`;
  return `${PINNED_PREFIX}${deviceName(address)}`;
}

/** FIFO jobs for all devices of a site wait there: each node takes those of the sites that it reaches. */
export function fifoQueue(site: Site): string {
  return site === null ? FIFO_QUEUE : `${FIFO_SITE_PREFIX}${site}`;
}

/** The site whose devices the jobs of a queue are for; undefined when it is no queue of devices. */
export function siteOfQueue(queue: string): Site | undefined {
  if (queue === FIFO_QUEUE) return null;
  if (queue.startsWith(FIFO_SITE_PREFIX)) return queue.slice(FIFO_SITE_PREFIX.length);
  return parsePinnedQueue(queue)?.site;
}

/** A device as people write it: `host:port`, IPv6 in brackets, the site in front where there is one. */
export function deviceName({ host, port, site }: DeviceAddress): string {
  return `${site === null ? "" : `${site}/`}${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** What a pinned queue's name says; `port` is null where it is the usual one. Null: not such a name. */
export function parsePinnedQueue(
  queue: string,
): { host: string; port: number | null; site: string | null } | null {
  return queue.startsWith(PINNED_PREFIX) ? parseDeviceName(queue.slice(PINNED_PREFIX.length)) : null;
}

/** The parts of `[site/]host[:port]`, as they are written; `port` is null where none is given. */
export function parseDeviceName(name: string): { host: string; port: number | null; site: string | null } {
  const slash = name.indexOf("/");
  const site = slash < 0 ? null : name.slice(0, slash);
  const address = name.slice(slash + 1);
  const bracketed = /^\[([^\]]+)\]:(\d+)$/.exec(address);
  if (bracketed) return { host: bracketed[1] ?? "", port: Number(bracketed[2]), site };
  const [host = "", port, more] = address.split(":", 3);
  if (port === undefined || more !== undefined) return { host: address, port: null, site };
  return { host, port: Number(port), site };
}
