import { type Child, startChild } from "../support/process.ts";
import { netpulseCommand } from "../support/product.ts";

/** `netpulse ARGUMENTS…`, with nothing in its environment but what is given. */
export function startCommand(argv: string[], env: Record<string, string> = {}): Child {
  const { PATH = "", TMPDIR = "/tmp" } = process.env;
  return startChild(netpulseCommand(...argv), {
    env: {
      PATH,
      TMPDIR,
      NETPULSE_LOG__FORMAT: "json",
      NETPULSE_SERVER__PORT: "0",
      NETPULSE_WORKER__DRAIN_GRACE: "1",
      ...env,
    },
  });
}

/** The same for a command that ends by itself. */
export async function runCommand(argv: string[], env: Record<string, string> = {}) {
  const child = startCommand(argv, env);
  const { code } = await child.exited;
  return { code, stdout: child.stdout(), output: child.output() };
}
