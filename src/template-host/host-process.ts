import { writeFileSync } from "node:fs";
import { setPriority } from "node:os";
import { TemplateHost } from "./host.ts";
import type { FromTemplateHost, ToTemplateHost } from "./messages.ts";

/** How much less of a busy processor it gets than those who talk to devices and clients. */
const NICENESS = 10;

/** Runs this process as a template host of the one that started it. Resolves when that is gone. */
export async function runTemplateHost(deps: { build: string; dieWithParent(): boolean }): Promise<number> {
  const send = process.send?.bind(process);
  if (send === undefined) {
    process.stderr.write("netpulse template-host is started by the API or a node; of no use by hand\n");
    return 2;
  }
  deps.dieWithParent();
  beModest();
  // Where the engine ends for want of memory it says so with words of the template.
  console.error = () => {};
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
  const parentGone = Promise.withResolvers<void>();
  const host = new TemplateHost({ build: deps.build, send: (message: FromTemplateHost) => send(message) });
  process.on("message", (message) => host.receive(message as ToTemplateHost));
  process.on("disconnect", () => parentGone.resolve());
  process.stdin.on("end", () => parentGone.resolve()).resume();
  await parentGone.promise;
  return 0;
}

/** Others come first, and when the machine's memory runs out it is the first to go. */
function beModest(): void {
  try {
    setPriority(NICENESS);
    writeFileSync("/proc/self/oom_score_adj", "1000");
  } catch {
    // Where the system has no such thing, there is nothing to be had.
  }
}
