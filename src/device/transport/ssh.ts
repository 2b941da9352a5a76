import { readCredentials } from "./credentials.ts";
import { shakeHands } from "./handshake.ts";
import { SshConnection } from "./ssh-connection.ts";
import { sharedOf } from "./ssh-shared.ts";
import type { SshSurroundings, SshTarget } from "./ssh-target.ts";
import { wayTo } from "./way.ts";

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
    const socket = await wayTo(target, around);
    const client = await shakeHands({ target, around, socket, credentials });
    return new SshConnection({ client, socket, target, around });
  } finally {
    credentials.codeTurn?.end();
  }
}
