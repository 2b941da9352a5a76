import type { Answer, Call } from "../../cli/model.ts";
import { PORTS } from "./hardware.ts";
import { addressNumber, maskLength, overlapping } from "./interfaces.ts";
import { hashSecret, saltFor } from "./secrets.ts";

export function badHostname({ args, negated }: Call): Answer {
  if (negated || /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(args.name ?? "")) return null;
  return "% Hostname contains one or more illegal characters.";
}

export function removesPort({ args, negated }: Call): Answer {
  const isPort = PORTS.some((port) => port === args.interface);
  return negated && isPort ? "% Removal of physical interfaces is not permitted" : null;
}

export function badAddress({ state, session, args, negated }: Call): Answer {
  const { address = "", mask = "" } = args;
  if (negated) return null;
  const length = maskLength(mask);
  if (length < 1)
    return `Bad mask 0x${addressNumber(mask).toString(16).toUpperCase()} for address ${address}`;
  const own = session.section.text.slice("interface ".length);
  const other = overlapping(state, address, mask, own);
  return other ? `% ${address} overlaps with ${other.name}` : null;
}

export function badRoute({ args, negated }: Call): Answer {
  const { prefix = "", mask = "" } = args;
  const length = maskLength(mask);
  const hosts = length < 0 ? Number.NaN : addressNumber(prefix) % 2 ** (32 - length);
  return negated || hosts === 0 ? null : "%Inconsistent address and mask";
}

export function hashedEnable({ args, line }: Call): string {
  const secret = args.secret ?? "";
  return line.startsWith("enable secret 5 ") ? line : `enable secret 5 ${hashSecret(secret, saltFor(line))}`;
}

export function hashedUser({ args }: Call): string {
  const { name = "", level, secret = "" } = args;
  const privilege = level === undefined ? "" : ` privilege ${level}`;
  return `username ${name}${privilege} secret 5 ${hashSecret(secret, saltFor(`${name}${secret}`))}`;
}

export function upperAccess({ line }: Call): string {
  return line.replace(/ (ro|rw)$/, (access) => access.toUpperCase());
}
