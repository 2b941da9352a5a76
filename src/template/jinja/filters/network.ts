import { Ip } from "../../ip.ts";
import { type IpVersion, writeAddress } from "../../ip-text.ts";
import type { Value } from "../value.ts";

const BITS: Record<IpVersion, number> = { 4: 32, 6: 128 };

/** An address with the length of its prefix, as Python's netaddr sees both a host and a network. */
export class Network {
  readonly version: IpVersion;
  readonly value: bigint;
  readonly prefix: number;

  constructor(version: IpVersion, value: bigint, prefix: number) {
    this.version = version;
    this.value = value;
    this.prefix = prefix;
  }

  /** From an address, with a prefix or mask behind a slash or alone; null where the text is none. */
  static parse(text: string): Network | null {
    const ip = Ip.parse(text, "interface");
    return ip === null ? null : new Network(ip.version, ip.value, ip.prefix);
  }

  /** From a number, of the version in which it has room; null where it has in none. */
  static fromNumber(value: bigint, prefix?: number, version?: IpVersion): Network | null {
    const fits = (bits: number) => value < 1n << BigInt(bits) && (prefix ?? 0) <= bits;
    if (version !== 6 && fits(32)) return new Network(4, value, prefix ?? 32);
    return fits(128) ? new Network(6, value, prefix ?? 128) : null;
  }

  get bits(): number {
    return BITS[this.version];
  }

  get hostMask(): bigint {
    return (1n << BigInt(this.bits - this.prefix)) - 1n;
  }

  get netMask(): bigint {
    return ((1n << BigInt(this.bits)) - 1n) ^ this.hostMask;
  }

  get first(): bigint {
    return this.value & this.netMask;
  }

  get last(): bigint {
    return this.value | this.hostMask;
  }

  get size(): bigint {
    return this.hostMask + 1n;
  }

  /** The first and the last address that a host may have; null where there is no choice. */
  get usable(): readonly [bigint, bigint] | null {
    if (this.size === 1n) return null;
    return this.size === 2n ? [this.first, this.last] : [this.first + 1n, this.last - 1n];
  }

  /** Neither a network's first address nor an address of a network without a broadcast address. */
  get isHost(): boolean {
    return this.value !== this.first || (this.version === 4 && this.bits - this.prefix <= 1);
  }

  address(value = this.value): string {
    return writeIp(this.version, value);
  }

  /** Of the same size, around another address. */
  with(value: bigint, prefix = this.prefix): Network {
    return new Network(this.version, value, prefix);
  }

  /** An address so many away, where the version has one. */
  offset(by: bigint): bigint | null {
    const value = this.value + by;
    return value >= 0n && value < 1n << BigInt(this.bits) ? value : null;
  }

  /** The address at a place, counted from the end where it is negative; null where there is none. */
  at(place: bigint): bigint | null {
    if (place >= this.size || place < -this.size) return null;
    return place < 0n ? this.last + 1n + place : this.first + place;
  }

  contains(other: Network): boolean {
    return this.version === other.version && this.first <= other.first && other.last <= this.last;
  }

  within(...ranges: readonly string[]): boolean {
    return ranges.some((range) => Network.parse(range)?.contains(this));
  }

  toString(): string {
    return `${this.address()}/${this.prefix}`;
  }
}

/** As the C library writes it: addresses of version 4 inside those of version 6 keep their dots. */
function writeIp(version: IpVersion, value: bigint): string {
  const above = value >> 32n;
  const mapped = above === 0xffffn;
  if (version === 4 || !(mapped || (above === 0n && value > 0xffffn))) return writeAddress(version, value);
  return `::${mapped ? "ffff:" : ""}${writeAddress(4, value & 0xffffffffn)}`;
}

/** What a template gives as an address, and whether it had a prefix. */
export interface Given {
  network: Network;
  hasPrefix: boolean;
  /** As it is given back. */
  text: string;
}

/** From text or a number; null where it is no address. */
export function given(value: Value, version?: IpVersion): Given | null {
  if (typeof value !== "string" && typeof value !== "number") return null;
  const text = String(value);
  if (/^[0-9]{1,40}$/.test(text)) return counted(Network.fromNumber(BigInt(text), undefined, version), false);
  const network = Network.parse(text);
  if (network !== null && !text.includes("%")) return { network, hasPrefix: text.includes("/"), text };
  const [, number, prefix] = /^([0-9]{1,40})\/([0-9]{1,3})$/.exec(text) ?? [];
  if (number === undefined) return null;
  return counted(Network.fromNumber(BigInt(number), Number(prefix)), true);
}

function counted(network: Network | null, hasPrefix: boolean): Given | null {
  return network === null ? null : { network, hasPrefix, text: network.toString() };
}
