import type { Child, SpawnHost } from "./host-process.ts";

/** What a session host may know of its surroundings: no key, no storage address, nothing of ours. */
const ALLOWED_ENV = ["PATH", "LANG", "LC_ALL", "TZ", "TMPDIR"] as const;

/** The part of an environment that is passed on to a session host. */
export function hostEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const allowed: Record<string, string> = {};
  for (const name of ALLOWED_ENV) {
    const value = env[name];
    if (value !== undefined) allowed[name] = value;
  }
  return allowed;
}

/**
 * Starts session hosts as children of this process. Their standard input stays open as long as we live:
 * its end is how a child learns within milliseconds that we died.
 */
export function spawnHosts(command: string[], env: Record<string, string>): SpawnHost {
  return (onMessage) => {
    const child = Bun.spawn(command, {
      env,
      cwd: "/",
      stdin: "pipe",
      stdout: "ignore",
      stderr: "inherit",
      serialization: "advanced",
      ipc: (message) => onMessage(message),
    });
    return {
      pid: child.pid,
      send: (message) => sendTo(child, message),
      kill: (signal) => child.kill(signal),
      exited: child.exited.then(() => howItEnded(child)),
    } satisfies Child;
  };
}

/** A child that is just dying refuses messages; its exit tells the rest. */
function sendTo(child: { send(message: unknown): void; killed: boolean }, message: unknown): void {
  try {
    child.send(message);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_IPC_CHANNEL_CLOSED" && !child.killed) throw error;
  }
}

function howItEnded(child: { exitCode: number | null; signalCode: string | number | null }): string {
  return child.signalCode === null ? `exit code ${child.exitCode}` : `killed by ${child.signalCode}`;
}
