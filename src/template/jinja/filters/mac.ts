import { TemplateError } from "../../../core/errors.ts";
import { type Filters, text, type Value } from "../value.ts";
import { given } from "./network.ts";

const WRITTEN: Readonly<Record<string, (mac: string) => Value>> = {
  bare: (mac) => mac.toUpperCase(),
  bool: () => true,
  cisco: (mac) => grouped(mac, 4, "."),
  eui48: (mac) => grouped(mac, 2, "-").toUpperCase(),
  int: (mac) => Number.parseInt(mac, 16),
  linux: (mac) => grouped(mac, 2, ":"),
  pgsql: (mac) => grouped(mac, 6, ":"),
  postgresql: (mac) => grouped(mac, 6, ":"),
  psql: (mac) => grouped(mac, 6, ":"),
  unix: (mac) => grouped(mac, 2, ":").replace(/\b0(?=[0-9a-f])/g, ""),
  win: (mac) => grouped(mac, 2, "-").toUpperCase(),
};

/** `hwaddr`, `macaddr` and `slaac` of ansible.utils, for addresses of 48 bits. */
export const MAC_FILTERS: Filters = {
  hwaddr: { params: ["query"], run: (value, { query = "" }) => hwaddr(value, text(query, "the query")) },
  macaddr: { params: ["query"], run: (value, { query = "" }) => hwaddr(value, text(query, "the query")) },
  slaac: { params: ["query"], run: (value, { query }) => slaac(value, query) },
};

function hwaddr(value: Value, query: string): Value {
  const mac = parseMac(value);
  if (query === "") return mac === null ? undefined : value;
  const write = Object.hasOwn(WRITTEN, query) ? WRITTEN[query] : undefined;
  if (write === undefined) throw new TemplateError(`hwaddr has no query ${JSON.stringify(query)}`);
  if (mac !== null) return write(mac);
  if (query === "bool") return undefined;
  throw new TemplateError("the value is no hardware address");
}

/** Its twelve digits, in lower case. */
function parseMac(value: Value): string | null {
  if (typeof value !== "string") return null;
  for (const [pattern, digits] of FORMS) {
    if (!pattern.test(value)) continue;
    const groups = value.toLowerCase().split(/[:.-]/);
    return groups.map((group) => group.padStart(digits, "0")).join("");
  }
  return null;
}

const FORMS: readonly (readonly [RegExp, number])[] = [
  [/^[0-9a-f]{1,2}(?:(?::[0-9a-f]{1,2}){5}|(?:-[0-9a-f]{1,2}){5})$/i, 2],
  [/^[0-9a-f]{1,4}(?:(?::[0-9a-f]{1,4}){2}|(?:-[0-9a-f]{1,4}){2}|(?:\.[0-9a-f]{1,4}){2})$/i, 4],
  [/^[0-9a-f]{5,6}[:-][0-9a-f]{5,6}$/i, 6],
  [/^[0-9a-f]{11,12}$/i, 12],
];

function grouped(mac: string, size: number, separator: string): string {
  return (mac.match(new RegExp(`.{${size}}`, "g")) ?? []).join(separator);
}

/** The address that a host makes for itself of its network and its hardware address. */
function slaac(value: Value, query: Value): Value {
  const network = given(value)?.network;
  const mac = parseMac(query);
  if (network?.version !== 6 || mac === null) return false;
  const id = BigInt(`0x${mac.slice(0, 6)}fffe${mac.slice(6)}`) ^ (2n << 56n);
  return network.address(network.first + id);
}
