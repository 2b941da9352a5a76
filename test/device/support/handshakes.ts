/**
 * A process that opens SSH sessions and measures what that does to its event loop; see
 * `transport/dh-handshake.test.ts`. Arguments: what to load ssh2 with, and a target as JSON. It prints a
 * report as JSON.
 */
import crypto from "node:crypto";
import { systemClock } from "../../../src/core/clock.ts";
import { SSH_TERMS } from "../../support/ssh-terms.ts";

export interface Report {
  sessions: number;
  /** The most that the processor was used between two runs of a 1 ms timer; others want it meanwhile. */
  longestMs: number;
  /** Names of native Diffie-Hellman constructors that were called. */
  nativeCalls: string[];
}

const CONSTRUCTORS = ["createDiffieHellman", "createDiffieHellmanGroup", "getDiffieHellman"] as const;

if (import.meta.main) {
  const [how = "", target = "{}"] = process.argv.slice(2);
  console.log(JSON.stringify(await measure(how as "ours" | "plain", JSON.parse(target))));
  process.exit(0);
}

interface Target {
  port: number;
  username: string;
  password: string;
  kex: string;
  legacy: boolean;
  sessions: number;
}

async function measure(how: "ours" | "plain", target: Target): Promise<Report> {
  const nativeCalls = spyOnConstructors();
  const connect = how === "ours" ? ours : plain;
  // Once without measuring, so that what is loaded and compiled on the way does not count.
  await connect({ ...target });
  const watch = watchLoop();
  for (let i = 0; i < target.sessions; i++) await connect(target);
  return { sessions: target.sessions, longestMs: watch(), nativeCalls };
}

function spyOnConstructors(): string[] {
  const calls: string[] = [];
  for (const name of CONSTRUCTORS) {
    const native = crypto[name] as (...args: unknown[]) => unknown;
    Object.assign(crypto, {
      [name]: (...args: unknown[]) => {
        calls.push(name);
        return native(...args);
      },
    });
  }
  return calls;
}

function watchLoop(): () => number {
  let last = process.cpuUsage();
  let longest = 0;
  const timer = setInterval(() => {
    const { user, system } = process.cpuUsage(last);
    longest = Math.max(longest, (user + system) / 1000);
    last = process.cpuUsage();
  }, 1);
  return () => {
    clearInterval(timer);
    return longest;
  };
}

async function ours(target: Target): Promise<void> {
  const { connectSsh } = await import("../../../src/device/transport/ssh.ts");
  const { SshShared } = await import("../../../src/device/transport/ssh-shared.ts");
  const { sshTarget } = await import("../../../src/device/ssh-args.ts");
  const connection = await connectSsh(
    sshTarget({ ...target, host: "127.0.0.1", keepalive: 0, timeout: 20 }, target.port),
    {
      signal: new AbortController().signal,
      clock: systemClock,
      guard: { assertMayWrite() {} },
      verifyHostKey: async () => {},
      progress() {},
      ssh: new SshShared(SSH_TERMS, systemClock),
    },
  );
  await connection.close();
}

/** ssh2 as it comes, to show that the measurement sees what it must not see with ours. */
async function plain(target: Target): Promise<void> {
  const { default: ssh2 } = await import("ssh2");
  const client = new ssh2.Client();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  client.once("ready", resolve).once("error", reject);
  client.connect({
    host: "127.0.0.1",
    port: target.port,
    username: target.username,
    password: target.password,
    algorithms: { kex: [target.kex as "diffie-hellman-group14-sha256"] },
  });
  await promise;
  client.end();
}
