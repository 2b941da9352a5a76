import { isWithin, parseNetworks } from "../core/networks.ts";

/** The other end of a request, as far as it can be believed. */
export interface Client {
  /** Its IP address; null where there is no socket. */
  address: string | null;
  /** How it names this server: host, and port where it is not the usual one. */
  host: string | null;
}

/** Knows whose requests they are, also behind proxies. */
export interface Clients {
  of(request: Request): Client;
  /** `derived` was made of `request` and comes from the same client. */
  same(derived: Request, request: Request): void;
}

/** The address that a request's connection comes from; null when it has none. */
export type PeerOf = (request: Request) => string | null;

/**
 * `X-Forwarded-For` and `X-Forwarded-Host` count where a proxy of `trusted` (a list of networks, null: none) sends them:
 * anybody else can write there what he likes.
 */
export function clientsBehind(trusted: string | null, peerOf: PeerOf): Clients {
  const proxies = trusted === null ? [] : (parseNetworks(trusted) ?? []);
  const isProxy = (address: string) => isWithin(address, proxies);
  const madeOf = new WeakMap<Request, Request>();
  return {
    of(request) {
      const { headers } = request;
      const peer = peerOf(madeOf.get(request) ?? request);
      const direct = { address: peer, host: headers.get("host") };
      if (peer === null || !isProxy(peer)) return direct;
      const way = [...listOf(headers.get("x-forwarded-for")), peer];
      return {
        // Each proxy adds the one it was asked by: what stands before the first stranger, the stranger wrote.
        address: way.findLast((address) => !isProxy(address)) ?? way[0] ?? peer,
        host: listOf(headers.get("x-forwarded-host")).at(-1) ?? direct.host,
      };
    },
    same: (derived, request) => void madeOf.set(derived, request),
  };
}

function listOf(header: string | null): string[] {
  return header === null ? [] : header.split(",").map((entry) => entry.trim());
}
