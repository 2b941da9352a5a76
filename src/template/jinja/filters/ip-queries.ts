import { TemplateError } from "../../../core/errors.ts";
import { countOf } from "../../ip.ts";
import type { Value } from "../value.ts";
import { type Given, Network } from "./network.ts";

type Query = (given: Given) => Value;

const PRIVATE = [
  ..."10.0.0.0/8 100.64.0.0/10 172.16.0.0/12 192.0.0.0/24 192.168.0.0/16 198.18.0.0/15 239.0.0.0/8".split(
    " ",
  ),
  ..."fc00::/7 fec0::/10".split(" "),
];
const LINK_LOCAL = ["169.254.0.0/16", "fe80::/10"];
const LOOPBACK = ["127.0.0.0/8", "::1/128"];
const MULTICAST = ["224.0.0.0/4", "ff00::/8"];
const SIX_TO_FOUR = "2002::/16";

const text =
  (of: (network: Network) => string): Query =>
  (given) =>
    of(given.network);
/** The value itself where it is such, else nothing. */
const only =
  (is: (network: Network) => boolean): Query =>
  (given) =>
    is(given.network) ? given.text : undefined;
const alone = ({ version, value, bits }: Network) => new Network(version, value, bits);
const masked = (network: Network, address: bigint, mask: bigint) =>
  `${network.address(address)} ${network.address(mask)}`;

const hostWithPrefix: Query = ({ network }) =>
  network.size > 2n && (network.value === network.first || network.value === network.last)
    ? false
    : network.toString();

const address: Query = ({ network }) =>
  network.size === 1n || network.isHost || network.version === 6 ? network.address() : undefined;

/** Of addresses of hosts inside networks. */
const host =
  (of: (network: Network) => string): Query =>
  ({ network }) =>
    network.size === 2n || (network.size > 1n && network.value !== network.first) ? of(network) : undefined;

/** Of what was given with a prefix. */
const network =
  (of: (network: Network, usable: readonly [bigint, bigint]) => string | undefined): Query =>
  ({ network: each, hasPrefix }) => {
    if (!hasPrefix) throw new TemplateError("this is an address alone, and the query needs its network");
    return each.usable === null ? undefined : of(each, each.usable);
  };

const neighbour = (by: bigint): Query =>
  network((each, [first, last]) => {
    const value = each.value + by;
    return value >= first && value <= last ? each.address(value) : undefined;
  });

/** What `ipaddr` may be asked. A word of ansible.utils each; those of its table that it calls deprecated as well. */
export const QUERIES: Readonly<Record<string, Query>> = {
  "": ({ network: each, hasPrefix }) => (hasPrefix ? each.toString() : each.address()),
  "6to4": sixToFour,
  address,
  ip: address,
  "address/prefix": hostWithPrefix,
  gateway: hostWithPrefix,
  gw: hostWithPrefix,
  "host/prefix": hostWithPrefix,
  hostnet: hostWithPrefix,
  router: hostWithPrefix,
  bool: () => true,
  broadcast: ({ network: each }) => (each.size > 2n ? each.address(each.last) : undefined),
  cidr: text(String),
  first_usable: ({ network: each, hasPrefix }) => {
    if (!hasPrefix) throw new TemplateError("this is an address alone, and the query needs its network");
    return each.usable === null ? undefined : each.address(each.usable[0]);
  },
  last_usable: network((each, [, last]) => each.address(last)),
  next_usable: neighbour(1n),
  previous_usable: neighbour(-1n),
  range_usable: network((each, [first, last]) => `${each.address(first)}-${each.address(last)}`),
  peer,
  host: ({ network: each }) => (each.size === 1n || each.isHost ? each.toString() : undefined),
  hostmask: text((each) => each.address(each.hostMask)),
  wildcard: text((each) => each.address(each.hostMask)),
  int: ({ network: each, hasPrefix }) => (hasPrefix ? `${each.value}/${each.prefix}` : countOf(each.value)),
  "ip/prefix": host(String),
  ip_netmask: host((each) => masked(each, each.value, each.netMask)),
  ipv4: asFour,
  v4: asFour,
  ipv6: asSix,
  v6: asSix,
  "link-local": only((each) => alone(each).within(...LINK_LOCAL)),
  lo: only((each) => alone(each).within(...LOOPBACK)),
  loopback: only((each) => alone(each).within(...LOOPBACK)),
  multicast: only((each) => each.within(...MULTICAST)),
  unicast: only((each) => !each.within(...MULTICAST)),
  private: only((each) => each.within(...PRIVATE, ...LINK_LOCAL)),
  public: only((each) => isPublic(alone(each))),
  net: ({ network: each }) => (each.size > 1n && each.value === each.first ? each.toString() : undefined),
  netmask: text((each) => each.address(each.netMask)),
  network: text((each) => each.address(each.first)),
  network_id: text((each) => each.address(each.first)),
  "network/prefix": text((each) => each.with(each.first).toString()),
  subnet: text((each) => each.with(each.first).toString()),
  network_netmask: text((each) => masked(each, each.first, each.netMask)),
  network_wildcard: text((each) => masked(each, each.first, each.hostMask)),
  prefix: ({ network: each }) => each.prefix,
  revdns: text(reverse),
  size: ({ network: each }) => countOf(each.size),
  size_usable: ({ network: each }) => {
    if (each.size === 1n) return 0;
    return each.size === 2n ? 2 : countOf(each.size - 2n);
  },
  type: ({ network: each }) => (each.size === 1n || each.value !== each.first ? "address" : "network"),
  version: ({ network: each }) => each.version,
  wrap: ({ network: each, hasPrefix, text: whole }) => {
    if (each.version === 4) return whole;
    return `[${each.address()}]${hasPrefix ? `/${each.prefix}` : ""}`;
  },
};

/** Neither masks nor addresses that only some networks know. */
function isPublic(each: Network): boolean {
  const inverse = (each.value ^ ((1n << BigInt(each.bits)) - 1n)) + 1n;
  const isMask = (inverse & (inverse - 1n)) === 0n || ((each.value + 1n) & each.value) === 0n;
  return !isMask && !each.within(...PRIVATE, ...LINK_LOCAL, ...LOOPBACK, ...MULTICAST);
}

function sixToFour({ network: each, hasPrefix, text: whole }: Given): Value {
  if (each.version === 6) {
    const isAddress = !hasPrefix || each.value !== each.first;
    return isAddress && alone(each).within(SIX_TO_FOUR) ? whole : false;
  }
  const isNetwork = each.size > 1n && each.value === each.first;
  if (isNetwork || !(isPublic(alone(each)) || alone(each).within(...PRIVATE, ...LINK_LOCAL))) return false;
  const digits = each.value.toString(16).padStart(8, "0");
  return `2002:${digits.slice(0, 4)}:${digits.slice(4)}::1/48`;
}

function peer({ network: each, hasPrefix }: Given): Value {
  if (!hasPrefix) throw new TemplateError("this is an address alone, and the query needs its network");
  if (each.size === 2n) return each.address(each.value ^ 1n);
  if (each.size !== 4n) throw new TemplateError("this is no point-to-point network, and has no peer");
  if (each.value === each.first || each.value === each.last)
    throw new TemplateError("the first and the last address of a /30 have no peer");
  return each.address(each.value ^ 3n);
}

function asFour({ network: each, text: whole }: Given): Value {
  if (each.version === 4) return whole;
  const above = each.value >> 32n;
  if ((above !== 0n && above !== 0xffffn) || each.prefix < 96) return false;
  return new Network(4, each.value & 0xffffffffn, each.prefix - 96).toString();
}

function asSix({ network: each, text: whole }: Given): Value {
  if (each.version === 6) return whole;
  return new Network(6, (0xffffn << 32n) | each.value, each.prefix + 96).toString();
}

function reverse(each: Network): string {
  if (each.version === 4) return `${each.address().split(".").reverse().join(".")}.in-addr.arpa.`;
  const digits = each.value.toString(16).padStart(32, "0");
  return `${[...digits].reverse().join(".")}.ip6.arpa.`;
}
