import { agentKeys } from "./agent.ts";
import { within } from "./phase.ts";
import { openPrivateKey } from "./private-key.ts";
import type { SshSurroundings, SshTarget } from "./ssh-target.ts";
import type { BaseAgent, ParsedKey } from "./ssh2.ts";

/** What has to be read before a login can begin. */
export interface Credentials {
  key: ParsedKey | undefined;
  agentKeys: readonly BaseAgent[];
}

export async function readCredentials(
  target: SshTarget,
  around: Pick<SshSurroundings, "signal" | "clock" | "progress">,
  agentSocket: string | null,
): Promise<Credentials> {
  const { clock, signal, progress } = around;
  signal.throwIfAborted();
  progress("reading the private key");
  const { privateKey, passphrase, patience } = target;
  const key = privateKey === undefined ? undefined : await openPrivateKey(privateKey, passphrase, signal);
  if (!target.agent) return { key, agentKeys: [] };
  progress("asking the SSH agent of this node for its keys");
  const timeoutMessage = () => `the SSH agent of this node did not answer within ${patience.login} s`;
  const phase = { clock, signal, seconds: patience.login, timeoutMessage, giveUp() {} };
  return { key, agentKeys: await within(phase, agentKeys(agentSocket)) };
}
