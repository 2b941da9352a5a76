import { type IpVersion, parseAddress, writeAddress } from "./ip-text.ts";

export type IpKind = "address" | "interface" | "network";

/** What an attribute of an address gives. */
export type IpAttribute = string | number | boolean | Ip;

/** Which addresses are special, as IANA lists them and Python's `ipaddress` has it. */
const RANGES = {
  private: {
    4: "0.0.0.0/8 10.0.0.0/8 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.0.170/31 192.0.2.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4 255.255.255.255/32",
    6: "::1/128 ::/128 ::ffff:0:0/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 fc00::/7 fe80::/10",
  },
  reserved: {
    4: "240.0.0.0/4",
    6: "::/8 100::/8 200::/7 400::/6 800::/5 1000::/4 4000::/3 6000::/3 8000::/3 a000::/3 c000::/3 e000::/4 f000::/5 f800::/6 fe00::/9",
  },
  link_local: { 4: "169.254.0.0/16", 6: "fe80::/10" },
  loopback: { 4: "127.0.0.0/8", 6: "::1/128" },
  multicast: { 4: "224.0.0.0/4", 6: "ff00::/8" },
  unspecified: { 4: "0.0.0.0/32", 6: "::/128" },
} as const;
/** Inside private ranges, and yet reachable from everywhere. */
const NOT_PRIVATE = {
  4: "192.0.0.9/32 192.0.0.10/32",
  6: "2001:1::1/128 2001:1::2/128 2001:3::/32 2001:4:112::/48 2001:20::/28 2001:30::/28",
};
type Range = keyof typeof RANGES;

/** An address, one with the network it is in, or a network: the objects of Python's `ipaddress`. */
export class Ip {
  readonly kind: IpKind;
  readonly version: IpVersion;
  readonly value: bigint;
  /** All bits for an address alone. */
  readonly prefix: number;
  readonly scope: string;

  constructor(kind: IpKind, version: IpVersion, value: bigint, prefix: number, scope = "") {
    this.kind = kind;
    this.version = version;
    this.value = value;
    this.prefix = prefix;
    this.scope = scope;
  }

  /** Null where the text is none. `version` allows one alone. */
  static parse(text: string, kind: IpKind, version?: IpVersion): Ip | null {
    const [name = "", mask, more] = text.split("/");
    if (more !== undefined || (kind === "address" && mask !== undefined)) return null;
    const address = parseAddress(name);
    if (address === null || (version !== undefined && address.version !== version)) return null;
    const prefix = mask === undefined ? bitsOf(address.version) : prefixOf(mask, address.version);
    if (prefix === null) return null;
    const ip = new Ip(kind, address.version, address.value, prefix, address.scope);
    return kind === "network" && ip.first !== ip.value ? null : ip;
  }

  /** As TTP takes a text apart: an interface where it has a mask, behind a slash or a blank. */
  static of(text: string, version?: IpVersion): Ip | null {
    const spaced = version === 6 ? text : text.replaceAll(" ", "/");
    return Ip.parse(spaced, spaced.includes("/") ? "interface" : "address", version);
  }

  get #hostMask(): bigint {
    return (1n << BigInt(bitsOf(this.version) - this.prefix)) - 1n;
  }

  /** The network's first address, and its last one. */
  get first(): bigint {
    return this.value & ~this.#hostMask;
  }

  get last(): bigint {
    return this.value | this.#hostMask;
  }

  overlaps(other: Ip): boolean {
    return this.version === other.version && this.first <= other.last && other.first <= this.last;
  }

  toString(): string {
    return this.kind === "address" ? this.#address() : `${this.#address()}/${this.prefix}`;
  }

  #address(value = this.value): string {
    return writeAddress(this.version, value) + (value === this.value ? this.scope : "");
  }

  #exploded(): string {
    const address = writeAddress(this.version, this.value, true) + this.scope;
    return this.kind === "address" ? address : `${address}/${this.prefix}`;
  }

  #alone(value: bigint): Ip {
    return new Ip("address", this.version, value, bitsOf(this.version));
  }

  /** An attribute by Python's name; `undefined` where it has none of that name. */
  attribute(name: string): IpAttribute | undefined {
    const own = this.kind === "address" ? undefined : this.#ofNetwork(name);
    if (own !== undefined) return own;
    switch (name) {
      case "compressed":
        return this.toString();
      case "exploded":
        return this.#exploded();
      case "version":
        return this.version;
      case "max_prefixlen":
        return bitsOf(this.version);
      case "is_global":
        return !this.#is("private") && !(this.version === 4 && this.#within("100.64.0.0/10"));
      default:
        return name.startsWith("is_") && Object.hasOwn(RANGES, name.slice(3))
          ? this.#is(name.slice(3) as Range)
          : undefined;
    }
  }

  #ofNetwork(name: string): IpAttribute | undefined {
    const netmask = this.#address(((1n << BigInt(bitsOf(this.version))) - 1n) & ~this.#hostMask);
    const hostmask = this.#address(this.#hostMask);
    switch (name) {
      case "netmask":
        return netmask;
      case "hostmask":
        return hostmask;
      case "with_prefixlen":
        return this.toString();
      case "with_netmask":
        return `${this.#address()}/${netmask}`;
      case "with_hostmask":
        return `${this.#address()}/${hostmask}`;
      default:
        return this.kind === "interface" ? this.#ofInterface(name) : this.#ofRange(name);
    }
  }

  #ofInterface(name: string): IpAttribute | undefined {
    if (name === "ip") return new Ip("address", this.version, this.value, bitsOf(this.version), this.scope);
    return name === "network" ? new Ip("network", this.version, this.first, this.prefix) : undefined;
  }

  #ofRange(name: string): IpAttribute | undefined {
    switch (name) {
      case "network_address":
        return this.#alone(this.first);
      case "broadcast_address":
        return this.#alone(this.last);
      case "prefixlen":
        return this.prefix;
      case "num_addresses":
        return countOf(this.last - this.first + 1n);
      default:
        return undefined;
    }
  }

  /** An address lies in a range of that kind, or both ends of a network do. */
  #is(range: Range): boolean {
    if (range === "private") return this.#isPrivate();
    if (this.kind !== "network") return this.#withinAny(RANGES[range][this.version]);
    return this.#alone(this.first).#is(range) && this.#alone(this.last).#is(range);
  }

  #isPrivate(): boolean {
    const mapped = this.#mapped();
    if (mapped !== null) return mapped.#isPrivate();
    const ends = this.kind === "network" ? [this.#alone(this.first), this.#alone(this.last)] : [this];
    return (
      this.#withinAny(RANGES.private[this.version]) &&
      !ends.some((end) => end.#withinAny(NOT_PRIVATE[this.version]))
    );
  }

  #withinAny(ranges: string): boolean {
    return ranges.split(" ").some((range) => this.#within(range));
  }

  /** The address of version 4 inside `::ffff:0:0/96`. */
  #mapped(): Ip | null {
    if (this.kind === "network" || this.version === 4 || this.value >> 32n !== 0xffffn) return null;
    return new Ip("address", 4, this.value & 0xffffffffn, 32);
  }

  #within(range: string): boolean {
    const around = Ip.parse(range, "network");
    if (around === null || around.version !== this.version) return false;
    const [first, last] = this.kind === "network" ? [this.first, this.last] : [this.value, this.value];
    return around.first <= first && last <= around.last;
  }
}

/** A number that JSON cannot say exactly is a text. */
export function countOf(count: bigint): number | string {
  return count <= Number.MAX_SAFE_INTEGER ? Number(count) : count.toString();
}

function bitsOf(version: IpVersion): number {
  return version === 4 ? 32 : 128;
}

/** From a length; for version 4 also from a netmask or a hostmask. */
function prefixOf(mask: string, version: IpVersion): number | null {
  if (/^[0-9]{1,4}$/.test(mask)) return Number(mask) <= bitsOf(version) ? Number(mask) : null;
  const address = version === 4 ? parseAddress(mask) : null;
  if (address?.version !== 4) return null;
  const bits = address.value.toString(2).padStart(32, "0");
  const [, ones, zeros] = /^(?:(1*)0*|(0*)1*)$/.exec(bits) ?? [];
  return ones?.length ?? zeros?.length ?? null;
}
