import { TemplateError } from "../../../core/errors.ts";
import { countOf, Ip } from "../../ip.ts";
import type { IpVersion } from "../../ip-text.ts";
import { type Dict, kindOf, str, type Value } from "../values.ts";
import { type MatchFunctions, text } from "./outcome.ts";

/** Functions that make something else of a text. */
export const CONVERSIONS: MatchFunctions = {
  to_str: { params: "", run: (value) => ({ value: str(value) }) },
  to_unicode: { params: "", run: (value) => ({ value }) },
  to_list: { params: "", run: (value) => ({ value: typeof value === "string" ? [value] : value }) },
  to_int: { params: "", run: (value) => ({ value: toInt(value) ?? value }) },
  to_float: { params: "", run: (value) => ({ value: toFloat(value) ?? value }) },
  to_ip: { params: "version?", run: (value, args) => ({ value: toIp(value, args.field("version")) }) },
  to_net: {
    params: "version?",
    run: (value, args) => ({ value: network(text(value), args.field("version")) }),
  },
  to_cidr: { params: "", run: (value) => ({ value: lengthOf(text(value)) ?? value }) },
  is_ip: {
    params: "version?",
    run: (value, args) => ({
      passed: value instanceof Ip || Ip.of(text(value), versionOf(args.field("version"))) !== null,
    }),
  },
  ip_info: {
    params: "version?",
    run: (value, args) => {
      const ip = value instanceof Ip ? value : Ip.of(text(value), versionOf(args.field("version")));
      return { value: ip === null || ip.kind === "network" ? value : infoOf(ip) };
    },
  },
  cidr_match: {
    params: "prefix",
    run: (value, args, { vars }) => {
      const prefix = vars.get(args.text("prefix")) ?? args.text("prefix");
      const around = prefix instanceof Ip ? prefix : network(text(prefix), null);
      const ip = value instanceof Ip ? value : Ip.of(text(value));
      // What is no address is neither in the prefix nor out of it: it stays.
      return ip === null ? { value } : { passed: ip.overlaps(around) };
    },
  },
};

/** Python's `int`; null where it refuses, or where JSON could not say the number. */
export function toInt(value: Value): number | null {
  if (typeof value === "number") return Math.trunc(value);
  if (typeof value === "boolean") return Number(value);
  const digits = typeof value === "string" ? /^\s*([+-]?[0-9]+(?:_[0-9]+)*)\s*$/.exec(value)?.[1] : undefined;
  const number = digits === undefined ? Number.NaN : Number(digits.replaceAll("_", ""));
  return Number.isSafeInteger(number) ? number : null;
}

export function toFloat(value: Value): number | null {
  if (typeof value === "number" || typeof value === "boolean") return Number(value);
  const written = typeof value === "string" ? value.trim() : "";
  const number = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/.test(written)
    ? Number(written)
    : Number.NaN;
  return Number.isFinite(number) ? number : null;
}

function versionOf(name: string | null): IpVersion | undefined {
  if (name === null) return undefined;
  if (name !== "ipv4" && name !== "ipv6") throw new TemplateError("its version is ipv4 or ipv6");
  return name === "ipv4" ? 4 : 6;
}

function toIp(value: Value, version: string | null): Ip {
  if (value instanceof Ip) return value;
  const ip = Ip.of(text(value), versionOf(version));
  if (ip === null) throw new TemplateError("what was matched is no IP address; put is_ip before it");
  return ip;
}

function network(value: string, version: string | null): Ip {
  const ip = Ip.parse(value, "network", versionOf(version));
  if (ip === null) throw new TemplateError("it needs a network, an address whose host bits are 0");
  return ip;
}

/** The ones of a netmask. */
function lengthOf(mask: string): number | null {
  const ip = Ip.parse(mask, "address", 4);
  return ip === null ? null : ip.value.toString(2).replaceAll("0", "").length;
}

const OF_ADDRESS = [
  "compressed",
  "exploded",
  "is_link_local",
  "is_loopback",
  "is_multicast",
  "is_private",
  "is_reserved",
  "is_unspecified",
  "max_prefixlen",
  "version",
];
const OF_INTERFACE = ["hostmask", "netmask", "network", "with_hostmask", "with_netmask", "with_prefixlen"];
const OF_NETWORK = ["broadcast_address", "network_address", "num_addresses", "prefixlen"];

function infoOf(ip: Ip): Dict {
  const attributes = (of: Ip, names: readonly string[]) =>
    names.map((name): [string, Value] => {
      const value = of.attribute(name) ?? null;
      return [name, value instanceof Ip ? value.toString() : value];
    });
  const network = ip.attribute("network");
  const address = ip.attribute("ip") ?? ip;
  const info: Dict = new Map([["ip", str(address)], ...attributes(ip, OF_ADDRESS)]);
  if (!(network instanceof Ip)) return info;
  return new Map([
    ...info,
    ...attributes(ip, OF_INTERFACE),
    ...attributes(network, OF_NETWORK),
    ["hosts", countOf(network.last - network.first - 1n)],
  ]);
}

export function ipAttribute(value: Value, name: string): Value {
  const attribute = value instanceof Ip ? value.attribute(name) : undefined;
  if (attribute === undefined) throw new TemplateError(`${kindOf(value)} has no ${name}`);
  return attribute;
}
