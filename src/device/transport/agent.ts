import { DeviceError } from "../../core/errors.ts";
import { printable } from "./handshake-watch.ts";
import { type BaseAgent, loadSsh2, type OpenSSHAgent, type ParsedKey } from "./ssh2.ts";

/** Servers hang up after a few refusals (OpenSSH after six), each key being one. */
const MAX_KEYS = 5;

/**
 * The keys that the SSH agent of this node holds, each as an agent of its own: so the login decides which
 * comes next. Rejects with a `CredentialError`.
 */
export async function agentKeys(socketPath: string | null): Promise<BaseAgent[]> {
  if (socketPath === null) {
    throw new DeviceError(
      "CredentialError",
      "allow_agent is set, but this node has no SSH agent: ssh.agent_socket names none",
    );
  }
  const { OpenSSHAgent, BaseAgent } = await loadSsh2();
  const agent = new OpenSSHAgent(socketPath);
  class OneKey extends BaseAgent<ParsedKey> {
    readonly key: ParsedKey;
    constructor(key: ParsedKey) {
      super();
      this.key = key;
    }
    override getIdentities(done: (error: undefined, keys: ParsedKey[]) => void): void {
      done(undefined, [this.key]);
    }
    override sign(...args: unknown[]): void {
      agent.sign(...(args as Parameters<typeof agent.sign>));
    }
  }
  const keys = await identities(agent);
  if (keys.length === 0) throw new DeviceError("CredentialError", "the SSH agent of this node has no keys");
  return keys.slice(0, MAX_KEYS).map((key) => new OneKey(key));
}

function identities(agent: OpenSSHAgent): Promise<ParsedKey[]> {
  return new Promise((resolve, reject) => {
    agent.getIdentities((error, keys) => {
      if (error) reject(unusable(error));
      else resolve((keys ?? []).filter(isParsed));
    });
  });
}

/** The types know of other agents that give something else. */
function isParsed(key: object): key is ParsedKey {
  return "getPublicSSH" in key;
}

function unusable(error: Error): DeviceError {
  const said = printable(error.message);
  return new DeviceError(
    "CredentialError",
    `the SSH agent of this node does not answer (ssh.agent_socket): ${said}`,
  );
}
