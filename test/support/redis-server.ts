import { freePort } from "./ports.ts";
import { type Child, program, run, startChild } from "./process.ts";
import type { TempDir } from "./tempdir.ts";

export interface ServerOptions {
  /** Holds all that the server writes. Removed by whoever made it. */
  folder: TempDir;
  /** Names its files in the folder. */
  name?: string;
  /** More of its configuration, as on its command line. */
  args?: string[];
  /** Where it listens beside 127.0.0.1. */
  addresses?: string[];
  /** Default: a free one. */
  port?: number;
  /** How its port is given: `--port`, or `--tls-port` for a server that speaks TLS only. */
  portOption?: "--port" | "--tls-port";
  /** How redis-cli gets in. */
  cliArgs?: string[];
  cliEnv?: Record<string, string>;
}

/** One real redis-server on a port of its own, which it keeps when it is started again. */
export interface RedisServer {
  readonly host: "127.0.0.1";
  readonly port: number;
  readonly pid: number;
  /** Runs redis-cli on it and answers what it printed. Rejects with the server's error. */
  cli(...args: string[]): Promise<string>;
  /** Stops it as an operator does, and starts it again; its data stays only with `--appendonly yes`. */
  restart(): Promise<void>;
  /** SIGKILL, as by a crash. */
  kill(): Promise<void>;
  /** After `kill`. */
  start(): Promise<void>;
  /** It hears nothing and says nothing, and its connections stay open. */
  pause(): void;
  resume(): void;
  /** Ends it for good. */
  stop(): Promise<void>;
}

const ATTEMPTS = 5;

export async function startServer(options: ServerOptions): Promise<RedisServer> {
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    try {
      return new Server(options, port, await launch(options, port));
    } catch (error) {
      if (attempt === ATTEMPTS || !/Address already in use/.test(String(error))) throw error;
    }
  }
}

async function launch(options: ServerOptions, port: number): Promise<Child> {
  const { folder, name = "redis", args = [], portOption = "--port", addresses = [] } = options;
  const child = startChild([
    program("redis-server", "redis-server"),
    ...(args[0]?.startsWith("/") ? [] : ["--save", "", "--repl-diskless-sync-delay", "0"]),
    ...args,
    ...(portOption === "--port" ? [] : ["--port", "0"]),
    ...[portOption, String(port), "--bind", "127.0.0.1", ...addresses, "--dir", folder.path],
    ...["--dbfilename", `${name}.rdb`, "--appenddirname", `${name}-aof`, "--daemonize", "no"],
  ]);
  await child.waitFor(/Ready to accept connections|Sentinel ID is/);
  return child;
}

class Server implements RedisServer {
  readonly host = "127.0.0.1";
  readonly port: number;
  readonly #options: ServerOptions;
  #child: Child;

  constructor(options: ServerOptions, port: number, child: Child) {
    this.#options = options;
    this.port = port;
    this.#child = child;
  }

  get pid(): number {
    return this.#child.pid;
  }

  async cli(...args: string[]): Promise<string> {
    const { cliArgs = [], cliEnv = {} } = this.#options;
    const cli = [program("redis-cli", "redis-tools"), "-e", "-p", String(this.port), ...cliArgs, ...args];
    const { code, stdout, stderr } = await run(cli, { env: { PATH: process.env.PATH ?? "", ...cliEnv } });
    if (code !== 0) throw new Error(`redis-cli ${args.join(" ")}: ${stdout}${stderr}`);
    return stdout.trimEnd();
  }

  async restart(): Promise<void> {
    await this.#child.stop();
    await this.start();
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.exited;
  }

  async start(): Promise<void> {
    this.#child = await launch(this.#options, this.port);
  }

  pause(): void {
    this.#child.kill("SIGSTOP");
  }

  resume(): void {
    this.#child.kill("SIGCONT");
  }

  stop(): Promise<void> {
    return this.kill();
  }
}

/** Asks again and again until it is so, for what a server tells nobody. Rejects with what it last saw. */
export async function eventually(
  what: string,
  check: () => Promise<boolean>,
  deadline = 15_000,
): Promise<void> {
  const until = performance.now() + deadline;
  let last: unknown = "it was not so";
  while (performance.now() < until) {
    try {
      if (await check()) return;
    } catch (error) {
      last = error;
    }
    await Bun.sleep(20);
  }
  throw new Error(`${what}: not within ${deadline} ms: ${last}`);
}
