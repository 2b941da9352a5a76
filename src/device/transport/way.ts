import type { Duplex } from "node:stream";
import { dial } from "./dial.ts";
import { sharedOf } from "./ssh-shared.ts";
import type { SshSurroundings, SshTarget } from "./ssh-target.ts";

/** The bare connection to a device: straight, through a proxy, or through jump hosts. */
export function wayTo(target: SshTarget, around: SshSurroundings): Promise<Duplex> {
  const { hops, terms } = sharedOf(around.ssh);
  if (target.hops.length === 0) return dial(target, around, terms.proxies);
  const { host, port, patience } = target;
  return hops.through({ chain: target.hops, to: { host, port }, seconds: patience.dial }, around);
}
