import type { Clock } from "../core/clock.ts";
import { maskText } from "../core/mask.ts";
import type { Driver } from "../device/driver.ts";
import { openFileFolder } from "../files/folder.ts";
import { Channel } from "../ipc/channel.ts";
import type { FromHost, ToHost } from "../ipc/messages.ts";
import { dieWithParent } from "./parent-death.ts";
import { SessionHost } from "./session-host.ts";

/**
 * Runs this process as a session host of the node that started it. Resolves when the node is gone; then
 * every device connection has been destroyed. Signals meant for the node (Ctrl-C reaches the whole
 * group) are left to it.
 */
export async function runSessionHost(deps: {
  clock: Clock;
  build: string;
  driver(name: string): Driver | null;
}): Promise<number> {
  const send = process.send?.bind(process);
  if (send === undefined) {
    process.stderr.write(
      "netpulse session-host is started by a node; start one with: netpulse node, or serve\n",
    );
    return 2;
  }
  dieWithParent();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
  // One device's bytes must not end the sessions of all others: whoever waits has a deadline.
  process.on("uncaughtException", onFault);
  process.on("unhandledRejection", onFault);
  const nodeGone = Promise.withResolvers<void>();
  const channel: Channel<FromHost, ToHost> = new Channel(
    (envelope) => send(envelope),
    (message) => host.receive(message),
  );
  const host = new SessionHost({
    ...deps,
    pid: process.pid,
    openFiles: openFileFolder,
    send: (message) => channel.send(message),
    onFault,
    rssMb: () => Math.round(process.memoryUsage.rss() / 1024 / 1024),
  });
  process.on("message", (raw) => channel.receive(raw));
  process.on("disconnect", () => nodeGone.resolve());
  process.stdin.on("end", () => nodeGone.resolve()).resume();
  await nodeGone.promise;
  host.destroy();
  return 0;
}

/** Masked, on one line: standard error is the node's. */
function onFault(error: unknown): void {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  process.stderr.write(
    `session host ${process.pid}: ${maskText(text).replaceAll(/\s+/g, " ").slice(0, 500)}\n`,
  );
}
