import { isIP } from "node:net";

/** A range of addresses, as `10.0.0.0/8`. */
export interface Network {
  /** Four bytes, or sixteen. */
  first: Uint8Array;
  /** Leading bits that all its addresses have in common. */
  bits: number;
}

/** Where nobody but ourselves and our neighbours is: addresses that the Internet does not route, or not to one host. */
const NOT_PUBLIC_IPV4 = known(
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"],
  ...["192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"],
  ...["198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"],
);
const PUBLIC_IPV6 = known("2000::/3");
/** Within `PUBLIC_IPV6`: for protocols, for documentation, and 6to4, in which an IPv4 address of any kind may be. */
const NOT_PUBLIC_IPV6 = known("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20");

/** Whether an address is one that everybody may reach, or of one of `allowed`. False for what is no address. */
export function mayReach(address: string, allowed: readonly Network[]): boolean {
  const bytes = parseAddress(address);
  return bytes !== null && (isPublic(bytes) || isIn(bytes, allowed));
}

/** Whether an address is of one of `networks`. False for what is no address. */
export function isWithin(address: string, networks: readonly Network[]): boolean {
  const bytes = parseAddress(address);
  return bytes !== null && isIn(bytes, networks);
}

function isPublic(bytes: Uint8Array): boolean {
  if (bytes.length === 4) return !isIn(bytes, NOT_PUBLIC_IPV4);
  return isIn(bytes, PUBLIC_IPV6) && !isIn(bytes, NOT_PUBLIC_IPV6);
}

function isIn(bytes: Uint8Array, networks: readonly Network[]): boolean {
  return networks.some(
    ({ first, bits }) =>
      first.length === bytes.length &&
      first.every((byte, n) => ((byte ^ (bytes[n] ?? 0)) & mask(bits, n)) === 0),
  );
}

/** Of the `n`th byte: which of its bits count. */
function mask(bits: number, n: number): number {
  return 0xff & (0xff00 >> Math.min(8, Math.max(0, bits - 8 * n)));
}

/** An IPv4 address inside IPv6 (`::ffff:127.0.0.1`) is that address. A zone does not count. */
function parseAddress(text: string): Uint8Array | null {
  const [address = ""] = text.split("%", 1);
  const kind = isIP(address);
  if (kind === 4) return Uint8Array.from(address.split("."), Number);
  if (kind !== 6) return null;
  const bytes = ipv6Bytes(address);
  const isMapped =
    bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  return isMapped ? bytes.subarray(12) : bytes;
}

function ipv6Bytes(address: string): Uint8Array {
  const [left = "", right] = address.split("::");
  const head = groupBytes(left);
  const tail = right === undefined ? [] : groupBytes(right);
  return Uint8Array.from([...head, ...Array<number>(16 - head.length - tail.length).fill(0), ...tail]);
}

function groupBytes(groups: string): number[] {
  if (groups === "") return [];
  return groups.split(":").flatMap((group) => {
    if (group.includes(".")) return group.split(".").map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/** Networks or single addresses with commas between them; null when one of them is none. */
export function parseNetworks(text: string): Network[] | null {
  const networks = entriesOf(text).map(parseNetwork);
  return networks.length > 0 && networks.every((network) => network !== null) ? networks : null;
}

function parseNetwork(text: string): Network | null {
  const [address = "", length, more] = text.split("/");
  const first = parseAddress(address);
  if (first === null || more !== undefined) return null;
  const most = first.length * 8;
  if (length === undefined) return { first, bits: most };
  return /^\d{1,3}$/.test(length) && Number(length) <= most ? { first, bits: Number(length) } : null;
}

function known(...texts: string[]): Network[] {
  return texts.flatMap((text) => parseNetwork(text) ?? []);
}

/** Host names, `*.example.com` for all under one, or `*` for any; null when one of them is none of these. */
export function parseHostPatterns(text: string): string[] | null {
  const patterns = entriesOf(text).map((entry) => entry.toLowerCase());
  return patterns.length > 0 && patterns.every((pattern) => PATTERN.test(pattern)) ? patterns : null;
}

const PATTERN = /^(?:\*|(?:\*\.)?[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?|[0-9a-f:.]*:[0-9a-f:.]*)$/;

/** Whether a host's name, or address, is one of those that patterns stand for. */
export function matchesHost(host: string, patterns: readonly string[]): boolean {
  const name = host.toLowerCase().replace(/\.$/, "");
  return patterns.some(
    (pattern) =>
      pattern === "*" || pattern === name || (pattern.startsWith("*.") && name.endsWith(pattern.slice(1))),
  );
}

function entriesOf(text: string): string[] {
  return text.split(",").map((entry) => entry.trim());
}
