import { sweepRouters } from "./frr.ts";
import { inNamespace, makeNamespace, removeNamespace } from "./namespaces.ts";
import { asRoot, startChild } from "./process.ts";

export interface OwnNetwork {
  /** A TypeScript file that ends by itself, with one line of JSON on its standard output. */
  script: string;
  args?: readonly string[];
  /** How long it may take at most, ms. */
  deadline: number;
  /** What it prints to its standard error. */
  progress?: ((text: string) => void) | undefined;
}

/** Runs a script as root in a network namespace made for it, and ends whatever it leaves; answers its JSON. */
export async function inOwnNetwork<R>({ script, args = [], deadline, progress }: OwnNetwork): Promise<R> {
  await sweepRouters();
  const name = await makeNamespace();
  try {
    const { PATH = "", TMPDIR = "/tmp" } = process.env;
    const env = ["env", `PATH=${PATH}`, `TMPDIR=${TMPDIR}`];
    const command = [process.execPath, "--no-env-file", script, ...args];
    const child = startChild(asRoot(inNamespace(name, [...env, ...command])), {
      env: { PATH, TMPDIR },
      onStderr: (text) => progress?.(text),
    });
    const [line] = await child.waitFor(/^\{".*\}$/m, { deadline });
    await child.exited;
    return JSON.parse(line);
  } finally {
    await removeNamespace(name);
  }
}
