import type { Duplex } from "node:stream";
import { readCredentials } from "./credentials.ts";
import { dial } from "./dial.ts";
import { shakeHands } from "./handshake.ts";
import { SshConnection } from "./ssh-connection.ts";
import { type SshShared, sharedOf } from "./ssh-shared.ts";
import type { SshSurroundings, SshTarget } from "./ssh-target.ts";

/**
 * Connects and logs in. Rejects with a `DeviceError` (`ConnectionError`, `TimeoutError`, `HostKeyError`,
 * `AuthenticationError`, `CredentialError`) or the signal's reason, and leaves nothing open then but
 * connections to jump hosts, which are shared. No credential is sent before the host key is proven and
 * accepted.
 */
export async function connectSsh(target: SshTarget, around: SshSurroundings): Promise<SshConnection> {
  const shared = sharedOf(around.ssh);
  const { agentSocket } = shared.terms;
  const credentials = await readCredentials(target, around, { agentSocket, usedCodes: shared.usedCodes });
  try {
    const socket = await route(target, around, shared);
    const client = await shakeHands({ target, around, socket, credentials });
    return new SshConnection({ client, socket, target, around });
  } finally {
    credentials.codeTurn?.end();
  }
}

function route(target: SshTarget, around: SshSurroundings, { hops, terms }: SshShared): Promise<Duplex> {
  if (target.hops.length === 0) return dial(target, around, terms.proxies);
  const { host, port, patience } = target;
  return hops.through({ chain: target.hops, to: { host, port }, seconds: patience.dial }, around);
}
