import { TemplateError } from "../../../core/errors.ts";
import type { IpVersion } from "../../ip-text.ts";
import { type Args, type Filters, isTrue, list, text, type Value } from "../value.ts";
import { QUERIES } from "./ip-queries.ts";
import { subnet } from "./ip-subnet.ts";
import { type Given, given, Network } from "./network.ts";

/** What ansible.utils has for addresses, with its results; a query that needs another kind of value fails. */
export const IP_FILTERS: Filters = {
  ipaddr: { params: ["query"], run: (value, { query }) => ipaddr(value, query) },
  ipv4: { params: ["query"], run: (value, { query }) => ipaddr(value, query, 4) },
  ipv6: { params: ["query"], run: (value, { query }) => ipaddr(value, query, 6) },
  ipwrap: { params: ["query"], run: (value, { query }) => wrapped(value, query) },
  ipsubnet: {
    params: ["query", "index"],
    run: (value, args) => subnet(given(value)?.network ?? null, args),
  },
  ipmath: { params: ["amount"], run: (value, { amount }) => math(value, amount) },
  nthhost: { params: ["query"], run: (value, { query }) => nthHost(value, query) },
  next_nth_usable: { params: ["offset"], run: (value, args) => usableAt(value, args, 1n) },
  previous_nth_usable: { params: ["offset"], run: (value, args) => usableAt(value, args, -1n) },
  network_in_network: {
    params: ["test"],
    run: (value, { test }) => isInside(given(value), given(test ?? "")),
  },
  network_in_usable: {
    params: ["test"],
    run: (value, { test }) => isUsable(given(value), given(test ?? "")),
  },
  reduce_on_network: {
    params: ["network"],
    run: (value, { network }) => list(value).filter((each) => isInside(given(network ?? ""), given(each))),
  },
  cidr_merge: { params: ["action"], run: (value, { action = "merge" }) => merge(value, text(action)) },
  ip4_hex: { params: ["delimiter"], run: (value, { delimiter = "" }) => hexadecimal(value, text(delimiter)) },
  ...named("network", "netmask", "broadcast", "hostmask", "wildcard"),
};

/** Short for a query of `ipaddr`; what is no address fails. */
function named(...names: readonly string[]): Filters {
  const filter = (name: string) => (value: Value) => {
    const made = ipaddr(value, name);
    if (made === false || made === undefined)
      throw new TemplateError(`the value is no address with a ${name}`);
    return made;
  };
  return Object.fromEntries(names.map((name) => [name, { run: filter(name) }]));
}

/** false: it is no address, or of another version; nothing: the query has no answer for it. */
export function ipaddr(value: Value, query: Value = "", version?: IpVersion): Value {
  if (Array.isArray(value)) return value.map((each) => ipaddr(each, query, version)).filter(isTrue);
  const found = given(value, version);
  if (found === null || (version !== undefined && found.network.version !== version)) return false;
  return ask(found, text(query, "the query"));
}

function ask(found: Given, query: string): Value {
  const known = Object.hasOwn(QUERIES, query) ? QUERIES[query] : undefined;
  if (known !== undefined) return known(found);
  if (/^-?\d{1,40}$/.test(query)) return member(found, BigInt(query));
  const around = given(query);
  if (around === null) throw new TemplateError(`ipaddr has no query ${JSON.stringify(query)}`);
  return around.network.with(around.network.first).contains(found.network) ? found.text : undefined;
}

/** The address at a place of its network. */
function member({ network, hasPrefix }: Given, place: bigint): Value {
  if (network.size === 1n) return hasPrefix ? network.toString() : network.address();
  const value = network.at(place);
  return value === null ? false : network.with(value).toString();
}

function wrapped(value: Value, query: Value): Value {
  if (Array.isArray(value)) return value.map((each) => wrapped(each, query));
  const found = ipaddr(value, query ?? "");
  return isTrue(found) ? ipaddr(found, "wrap") : value;
}

function math(value: Value, amount: Value): Value {
  const found = given(value);
  if (found === null) throw new TemplateError("ipmath needs an address");
  if (typeof amount !== "number" || !Number.isSafeInteger(amount))
    throw new TemplateError("ipmath needs an integer to add");
  const made = found.network.offset(BigInt(amount));
  if (made === null) throw new TemplateError("ipmath leads beyond the addresses that there are");
  return found.network.address(made);
}

function nthHost(value: Value, query: Value): Value {
  const found = given(value);
  if (found === null || !isTrue(query)) return false;
  const place = /^-?\d{1,40}$/.exec(text(query, "the place"))?.[0];
  const made = place === undefined ? null : found.network.at(BigInt(place));
  return made === null ? false : found.network.address(made);
}

function usableAt(value: Value, { offset }: Args, direction: bigint): Value {
  const found = given(value);
  if (found === null) return false;
  if (typeof offset !== "number" || !Number.isSafeInteger(offset))
    throw new TemplateError("the offset must be an integer");
  const { network } = found;
  const wanted = network.value + BigInt(offset) * direction;
  if (network.usable === null || wanted < network.usable[0] || wanted > network.usable[1]) return undefined;
  return network.address(wanted);
}

function isInside(around: Given | null, inner: Given | null): boolean {
  return around !== null && inner !== null && around.network.contains(subnetOf(inner));
}

function isUsable(around: Given | null, inner: Given | null): boolean {
  if (around === null || inner === null) return false;
  const { network } = around;
  const [first, last] = network.usable ?? [network.first, network.last];
  const { version, first: from, last: to } = subnetOf(inner);
  return network.version === version && first <= from && to <= last;
}

/** An address inside a network counts for all of that network. */
function subnetOf({ network }: Given): Network {
  return network.with(network.first);
}

function hexadecimal(value: Value, delimiter: string): Value {
  const found = given(value);
  if (found?.network.version !== 4) throw new TemplateError("ip4_hex needs an address of version 4");
  const digits = found.network.value.toString(16).padStart(8, "0");
  return (digits.match(/../g) ?? []).join(delimiter);
}

function merge(value: Value, action: string): Value {
  const networks = list(value).map((each) => {
    const found = given(each);
    if (found === null) throw new TemplateError("cidr_merge needs a list of networks");
    return found.network;
  });
  if (action === "merge") return merged(networks).map(String);
  if (action === "span") return span(networks);
  throw new TemplateError("the action of cidr_merge is merge or span");
}

function merged(networks: readonly Network[]): Network[] {
  return ([4, 6] as const).flatMap((version) => {
    const ranges: [bigint, bigint][] = [];
    const sorted = networks
      .filter((each) => each.version === version)
      .sort((a, b) => Number(a.first - b.first > 0n) - Number(a.first - b.first < 0n));
    for (const { first, last } of sorted) {
      const before = ranges.at(-1);
      if (before === undefined || first > before[1] + 1n) ranges.push([first, last]);
      else if (last > before[1]) before[1] = last;
    }
    return ranges.flatMap(([first, last]) => [...blocks(version, first, last)]);
  });
}

/** The fewest networks that make up a range. */
function* blocks(version: IpVersion, first: bigint, last: bigint): Generator<Network> {
  const bits = version === 4 ? 32 : 128;
  for (let from = first; from <= last; ) {
    let prefix = bits;
    while (prefix > 0) {
      const wider = new Network(version, from, prefix - 1);
      if (wider.first !== from || wider.last > last) break;
      prefix--;
    }
    const block = new Network(version, from, prefix);
    yield block;
    from = block.last + 1n;
  }
}

function span(networks: readonly Network[]): Value {
  const [only, ...others] = networks;
  if (only === undefined) return undefined;
  if (others.length === 0) return only.toString();
  if (others.some(({ version }) => version !== only.version))
    throw new TemplateError("cidr_merge cannot span addresses of both versions");
  let around = only;
  while (!networks.every((each) => around.contains(each)))
    around = around.with(around.value, around.prefix - 1);
  return around.with(around.first).toString();
}
