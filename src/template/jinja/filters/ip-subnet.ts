import { TemplateError } from "../../../core/errors.ts";
import { type Args, integer, text, type Value } from "../value.ts";
import { given, type Network } from "./network.ts";

/** `ipsubnet` of ansible.utils: the network, how many smaller ones it has, one of these, or its rank in a larger one. */
export function subnet(network: Network | null, { query = "", index }: Args): Value {
  if (network === null) return false;
  const isAddress = network.size === 1n || network.value !== network.first;
  const cidr = network.with(network.first);
  const asked = text(query, "the size");
  if (asked === "") return cidr.toString();
  if (!/^\d{1,4}$/.test(asked)) return rank(cidr, asked);
  const prefix = Number(asked);
  if (prefix > cidr.bits) return false;
  const place = index === undefined ? null : integer(index, "the index");
  // An address has larger networks around it, a network smaller ones inside.
  return isAddress && cidr.size === 1n ? around(cidr, prefix, place ?? 0) : inside(cidr, prefix, place);
}

/** The networks around an address, the largest of them first. */
function around(cidr: Network, prefix: number, place: number): Value {
  if (place > cidr.bits + 1 - place || place < prefix - cidr.bits) return false;
  const count = cidr.prefix - prefix;
  const at = place < 0 ? count + place : place;
  if (at < 0 || at >= count) throw new TemplateError("there is no such network around the address");
  const made = cidr.with(cidr.value, prefix + at);
  return made.with(made.first).toString();
}

function inside(cidr: Network, prefix: number, place: number | null): Value {
  if (prefix < cidr.prefix) throw new TemplateError("the network is smaller than the size that is asked for");
  const count = 1n << BigInt(prefix - cidr.prefix);
  if (place === null) return count.toString();
  const at = place < 0 ? BigInt(place) + count : BigInt(place);
  if (at < 0n || at >= count) return false;
  return cidr.with(cidr.first + (at << BigInt(cidr.bits - prefix)), prefix).toString();
}

/** Counted from one. */
function rank(cidr: Network, within: string): Value {
  const larger = given(within)?.network;
  if (larger === undefined) throw new TemplateError("ipsubnet needs a size, or a network to look in");
  if (!larger.with(larger.first).contains(cidr))
    throw new TemplateError("the address is not in the network that ipsubnet is given");
  return ((cidr.first - larger.first) / cidr.size + 1n).toString();
}
