import type { Account } from "../../support/account.ts";
import { must, mustAsRoot } from "../../support/process.ts";

/** A command on a Linux device that ends when the test says so. */
export interface Gate {
  /** The command line that a device runs; it prints nothing until {@link open}. */
  readonly command: string;
  /** Ends what waits at the gate now, with this line printed. Hangs while nobody waits. */
  open(line?: string): Promise<void>;
}

/** A gate in the account's home folder. */
export async function makeGate(account: Account, name = "gate"): Promise<Gate> {
  const path = `${account.home}/${name}`;
  await mustAsRoot(["mkfifo", "-m", "0666", path]);
  return {
    command: `cat ${path}`,
    open: async (line = "open") =>
      void (await must(["sh", "-c", `printf '%s\\n' "$1" > "$2"`, "sh", line, path])),
  };
}
