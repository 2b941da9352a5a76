import { writeFileSync } from "node:fs";
import type { Account } from "./account.ts";
import { program, type Ran, run } from "./process.ts";
import type { Sshd } from "./sshd.ts";
import { tempDir } from "./tempdir.ts";

/** Logs in with OpenSSH's own client and runs `command` there, or what `stdin` says when there is none. */
export async function ssh(
  server: Pick<Sshd, "host" | "port">,
  account: Pick<Account, "name" | "password">,
  command: string[],
  stdin = "",
): Promise<Ran> {
  using folder = tempDir("ssh");
  // ssh takes a password only from a terminal or from such a program.
  const askpass = folder.file("askpass");
  writeFileSync(askpass, `#!/bin/sh\nprintf '%s\\n' "$PASSWORD"\n`, { mode: 0o700 });
  const options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "NumberOfPasswordPrompts=1"];
  return await run(
    [
      program("ssh", "openssh-client"),
      ...["-F", "none", "-q", "-p", String(server.port)],
      ...options.flatMap((option) => ["-o", option]),
      `${account.name}@${server.host}`,
      ...command,
    ],
    { stdin, env: { SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: "force", PASSWORD: account.password } },
  );
}
