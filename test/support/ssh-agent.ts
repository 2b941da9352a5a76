import { must, program, startChild } from "./process.ts";
import { tempDir } from "./tempdir.ts";

export interface SshAgent {
  readonly socket: string;
  /** Makes a key, gives it to the agent and returns its public half. */
  add(type?: "ed25519" | "ecdsa" | "rsa"): Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** OpenSSH's own agent, without keys. */
export async function startSshAgent(): Promise<SshAgent> {
  const folder = tempDir("agent");
  const socket = folder.file("socket");
  const child = startChild([program("ssh-agent", "openssh-client"), "-D", "-a", socket]);
  await child.waitFor(/SSH_AUTH_SOCK=/);
  let made = 0;
  return {
    socket,
    async add(type = "ed25519") {
      made += 1;
      const path = folder.file(`key-${made}`);
      await must([program("ssh-keygen", "openssh-client"), "-q", "-t", type, "-N", "", "-f", path]);
      await must([program("ssh-add", "openssh-client"), "-q", path], { env: { SSH_AUTH_SOCK: socket } });
      return await Bun.file(`${path}.pub`).text();
    },
    async [Symbol.asyncDispose]() {
      await child.stop();
      folder.remove();
    },
  };
}
