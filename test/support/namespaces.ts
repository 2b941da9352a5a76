import { abandoned, uniqueName } from "./account.ts";
import { asRoot, mustAsRoot, program, run } from "./process.ts";
import { eventually } from "./redis-server.ts";

/** Runs `ip ARGUMENTS…` as root. */
export function ip(...args: string[]): Promise<string> {
  return mustAsRoot([program("ip", "iproute2"), ...args]);
}

/** A network namespace of its own, with nothing but a loopback; answers its name. */
export async function makeNamespace(): Promise<string> {
  const name = uniqueName();
  await ip("netns", "add", name);
  await ip("-n", name, "link", "set", "lo", "up");
  return name;
}

/** The command line that runs `command` in the namespace. It needs root. */
export function inNamespace(name: string, command: string[]): string[] {
  return [program("ip", "iproute2"), "netns", "exec", name, ...command];
}

/** Ends everything in the namespace, by process id, and removes it. Idempotent. */
export async function removeNamespace(name: string): Promise<void> {
  if (!(await namespaces()).includes(name)) return;
  const pids = await processesIn(name);
  // Nothing in a namespace that goes away with it is worth an orderly end. One that died meanwhile makes kill complain.
  if (pids.length > 0) await run(asRoot(["kill", "-KILL", ...pids]));
  await eventually(`the end of ${name}`, async () => (await processesIn(name)).length === 0);
  await run(asRoot([program("ip", "iproute2"), "netns", "delete", name]));
  if ((await namespaces()).includes(name)) throw new Error(`network namespace ${name} cannot be removed`);
}

/** Namespaces of test processes that were killed before they could remove them. */
export async function abandonedNamespaces(): Promise<string[]> {
  return abandoned(await namespaces());
}

async function processesIn(name: string): Promise<string[]> {
  const listed = await run(asRoot([program("ip", "iproute2"), "netns", "pids", name]));
  return listed.stdout.split("\n").filter((pid) => pid !== "");
}

async function namespaces(): Promise<string[]> {
  const listed = await ip("netns", "list");
  return listed.split("\n").map((line) => line.split(" ", 1)[0] ?? "");
}
