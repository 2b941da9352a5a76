import { agentKeys } from "./agent.ts";
import { within } from "./phase.ts";
import { openPrivateKey } from "./private-key.ts";
import type { SshSurroundings, SshTarget } from "./ssh-target.ts";
import type { BaseAgent, ParsedKey } from "./ssh2.ts";
import type { CodeTurn, UsedCodes } from "./used-codes.ts";

/** What has to be read before a login can begin. */
export interface Credentials {
  key: ParsedKey | undefined;
  agentKeys: readonly BaseAgent[];
  codeTurn: CodeTurn | undefined;
}

/** What this process logs in with, beside what a request gives. */
export interface CredentialSources {
  agentSocket: string | null;
  usedCodes: UsedCodes;
}

type Around = Pick<SshSurroundings, "signal" | "clock" | "progress">;

/** The code's turn is to be ended when the login is over. */
export async function readCredentials(
  target: SshTarget,
  around: Around,
  { agentSocket, usedCodes }: CredentialSources,
): Promise<Credentials> {
  const { signal, progress } = around;
  signal.throwIfAborted();
  progress("reading the private key");
  const { privateKey, passphrase } = target;
  const key = privateKey === undefined ? undefined : await openPrivateKey(privateKey, passphrase, signal);
  const keys = target.agent ? await keysOfAgent(target, around, agentSocket) : [];
  // Last, as it may hold others up until the login is over.
  return { key, agentKeys: keys, codeTurn: await usedCodes.turn(target, around) };
}

function keysOfAgent(
  { patience }: SshTarget,
  around: Around,
  agentSocket: string | null,
): Promise<BaseAgent[]> {
  const { clock, signal, progress } = around;
  progress("asking the SSH agent of this node for its keys");
  const timeoutMessage = () => `the SSH agent of this node did not answer within ${patience.login} s`;
  const phase = { clock, signal, seconds: patience.login, timeoutMessage, giveUp() {} };
  return within(phase, agentKeys(agentSocket));
}
