import { isIP } from "node:net";
import type { Site } from "./device.ts";

/**
 * Which devices may be worked with. A pattern is `[site/]host`: a name in which `*` stands for any characters, an
 * address, or a network as `10.0.0.0/8`. Without a site an allow pattern is for devices without one, a deny pattern for
 * those of any.
 */
export interface DeviceRules {
  /** null: any device. */
  allow: readonly string[] | null;
  deny: readonly string[];
}

type Device = { host: string; site: Site };

interface Pattern {
  site: string | null;
  fits(host: Host): boolean;
  /** Written in addresses; else in names. */
  address: boolean;
}

/** A host as it is compared: an address in bytes, a name, or what may be taken for either. */
type Host = { bytes: Uint8Array } | { name: string } | { odd: string };

/** Why a device may not be worked with, in words that complete "the device …"; null when it may. */
export type DeviceJudge = (device: Device) => string | null;

/** `host` is canonical (see `canonicalHost`). */
export function deviceJudge({ allow, deny }: DeviceRules): DeviceJudge {
  const allowed = allow?.map(patternOf) ?? null;
  const denied = deny.map(patternOf);
  return ({ host: text, site }) => {
    const host = hostOf(text);
    if (allowed !== null && !allowed.some((each) => each?.fits(host) && ofSite(each.site, site)))
      return "is not among those allowed";
    const about = denied.filter((each) => each === null || each.site === null || ofSite(each.site, site));
    if (about.some((each) => each === null || each.fits(host))) return "is denied";
    // One device has a name and an address, and only one of them is known here.
    if (about.some((each) => each !== null && ("name" in host === each.address || "odd" in host)))
      return `must be given ${"bytes" in host ? "by name" : "by address"}: the list of those denied is written so`;
    return null;
  };
}

export function devicePatternProblem(pattern: string): string | null {
  if (patternOf(pattern) !== null) return null;
  return "is no [site/]host, where host is a name (* for any characters), an address or a network as 10.0.0.0/8";
}

function ofSite(pattern: string | null, site: Site): boolean {
  if (pattern === null) return site === null;
  return pattern === "*" || (site !== null && fitsName(pattern.toLowerCase(), site.toLowerCase()));
}

function patternOf(pattern: string): Pattern | null {
  const [, network, length] = /^(.*?)\/(\d{1,3})$/.exec(pattern) ?? [];
  const [site, host] = siteAndHost(network ?? pattern);
  if (site !== null && !/^[a-z0-9*][a-z0-9._*-]*$/i.test(site)) return null;
  const bytes = bytesOf(host);
  if (bytes === null) {
    if (
      network !== undefined ||
      !/^[a-z0-9_*](?:[a-z0-9_.*-]*[a-z0-9_*])?$/i.test(host) ||
      /^[\d.]+$/.test(host)
    )
      return null;
    const name = host.toLowerCase();
    return { site, address: false, fits: (given) => fits(name, given) };
  }
  const bits = bitsOf(host, bytes, length);
  return bits === null
    ? null
    : { site, address: true, fits: (given) => "bytes" in given && isWithin(given.bytes, bytes, bits) };
}

function siteAndHost(text: string): [site: string | null, host: string] {
  const slash = text.indexOf("/");
  return slash < 0 ? [null, text] : [text.slice(0, slash), text.slice(slash + 1)];
}

/** `*` is every host, whatever it is called. */
function fits(pattern: string, host: Host): boolean {
  if (pattern === "*") return true;
  return "name" in host && fitsName(pattern, host.name);
}

function fitsName(pattern: string, name: string): boolean {
  const [head = "", ...pieces] = pattern.split("*");
  if (pieces.length === 0) return pattern === name;
  const tail = pieces.pop() ?? "";
  let at = head.length;
  const end = name.length - tail.length;
  if (!name.startsWith(head) || !name.endsWith(tail) || end < at) return false;
  for (const piece of pieces) {
    const found = name.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}

function hostOf(host: string): Host {
  const bytes = bytesOf(host);
  if (bytes !== null) return { bytes };
  // Resolvers take 0x7f000001 and 10.0.0x1 for addresses.
  return /(?:^|\.)(?:\d+|0x[\da-f]*)$/.test(host) ? { odd: host } : { name: host };
}

const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255];

/** 16 bytes, IPv4 as it is mapped into IPv6, so that both spellings are one address; null: no address. */
function bytesOf(text: string): Uint8Array | null {
  const [plain = ""] = text.replace(/^\[|\]$/g, "").split("%", 1);
  if (isIP(plain) === 4) return Uint8Array.from([...MAPPED, ...plain.split(".").map(Number)]);
  if (isIP(plain) !== 6) return null;
  const hex = new URL(`http://[${plain}]/`).hostname.slice(1, -1);
  const [head = "", tail] = hex.split("::");
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const all = [...left, ...Array.from({ length: 8 - left.length - right.length }, () => 0), ...right];
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 255]));
}

function groups(text: string): number[] {
  return text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
}

/** How many of the 128 bits count. */
function bitsOf(host: string, bytes: Uint8Array, length: string | undefined): number | null {
  if (length === undefined) return bytes.length * 8;
  const bits = Number(length);
  const [most, before] = isIP(host) === 4 ? [32, 96] : [128, 0];
  return bits <= most ? before + bits : null;
}

function isWithin(address: Uint8Array, network: Uint8Array, bits: number): boolean {
  for (let n = 0; n * 8 < bits; n++) {
    const mask = (0xff00 >> Math.min(8, bits - n * 8)) & 255;
    if (((address[n] ?? 0) & mask) !== ((network[n] ?? 0) & mask)) return false;
  }
  return true;
}
