import type { Reply } from "./link.ts";
import type { Endpoint } from "./url.ts";

/** How many slots a cluster has. */
const SLOTS = 16_384;

/** The cluster's slot of a key that holds no hash tag but `tag`: CRC16 (XMODEM) of the tag. */
export function slotOfTag(tag: string): number {
  let crc = 0;
  for (const byte of new TextEncoder().encode(tag)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
  }
  return crc % SLOTS;
}

/** Which server holds the slots from `first` to `last`. */
export interface SlotRange {
  first: number;
  last: number;
  master: Endpoint;
  replicas: Endpoint[];
}

/**
 * Understands the answer to CLUSTER SLOTS. A server that does not say its own address is where it was asked:
 * `asked`. Ranges without a usable address are left out.
 */
export function parseSlots(reply: Reply, asked: Endpoint): SlotRange[] {
  if (!Array.isArray(reply)) return [];
  return reply.flatMap((range) => {
    if (!Array.isArray(range)) return [];
    const [first, last, ...servers] = range;
    const [master, ...replicas] = servers.map((server) => parseServer(server, asked));
    return master
      ? [{ first: Number(first), last: Number(last), master, replicas: replicas.filter(isThere) }]
      : [];
  });
}

/** The server that `MOVED 3999 10.0.0.1:6381` sends to; null when it does not name one. */
export function parseMoved(message: string): Endpoint | null {
  const [, host = "", port = ""] = /^MOVED \d+ (\S*):(\d+)/.exec(message) ?? [];
  return host === "" || host === "?" ? null : { host, port: Number(port) };
}

function parseServer(server: Reply | undefined, asked: Endpoint): Endpoint | null {
  if (!Array.isArray(server)) return null;
  const [name, port] = server;
  const host = name === null || name === undefined ? "" : String(name);
  return host === "?" ? null : { host: host === "" ? asked.host : host, port: Number(port) };
}

function isThere(endpoint: Endpoint | null): endpoint is Endpoint {
  return endpoint !== null;
}

export function nameOf({ host, port }: Endpoint): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
