import { connect, createServer } from "node:net";
import type { Subprocess } from "bun";

const READY_MS = 10_000;
const ASK_AGAIN_MS = 20;

/**
 * As durable as the contestants are compared: every write in the append-only file, which is fsynced once a second.
 * It is not rewritten meanwhile, for that would hit whoever happens to run.
 */
const DURABILITY = ["--appendonly", "yes", "--appendfsync", "everysec", "--auto-aof-rewrite-percentage", "0"];

export interface RedisServer {
  port: number;
  stop(): Promise<void>;
}

/** A Redis of our own on a free port, with its files in `dir`. */
export async function startRedis(dir: string): Promise<RedisServer> {
  const program = Bun.which("redis-server");
  if (program === null)
    throw new Error("redis-server is not on PATH: install it, or leave those on Redis out with --only");
  const port = await freePort();
  const own = [
    "--port",
    String(port),
    "--bind",
    "127.0.0.1",
    "--dir",
    dir,
    "--save",
    "",
    "--logfile",
    `${dir}/redis.log`,
  ];
  const server = Bun.spawn([program, ...own, ...DURABILITY], { stdio: ["ignore", "ignore", "ignore"] });
  await untilReady(server, port);
  const stop = async () => {
    server.kill("SIGKILL");
    await server.exited;
  };
  return { port, stop };
}

export async function redisVersion(): Promise<string> {
  const output = await Bun.$`redis-server --version`.nothrow().text();
  return output.match(/v=(\S+)/)?.[1] ?? "not installed";
}

async function untilReady(server: Subprocess, port: number): Promise<void> {
  const end = performance.now() + READY_MS;
  while (!(await accepts(port))) {
    if (server.exitCode !== null) throw new Error(`redis-server ended with exit code ${server.exitCode}`);
    if (performance.now() > end) throw new Error(`redis-server does not answer on port ${port}`);
    await Bun.sleep(ASK_AGAIN_MS);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    const answer = (accepted: boolean) => {
      socket.destroy();
      resolve(accepted);
    };
    socket.on("connect", () => answer(true)).on("error", () => answer(false));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
