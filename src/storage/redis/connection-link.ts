import type { Clock } from "../../core/clock.ts";
import type { Routes } from "./connection-routes.ts";
import type { Server } from "./connection-server.ts";
import type { SocketOptions } from "./connection-socket.ts";
import { Subscription } from "./connection-subscription.ts";
import { closedError, hasNotRun, translated } from "./errors.ts";
import type { Argument, RedisLink, Reply, Script } from "./link.ts";
import checkSource from "./lua/check.lua" with { type: "text" };
import { script } from "./scripts.ts";

export interface LinkParams {
  routes: Routes;
  clock: Clock;
  socket: SocketOptions;
  /** The hash tag of each shard's keys. */
  tags: string[];
  /** The channel of hints. */
  channel: string;
  /** Whether durable changes wait for replicas. */
  waits: boolean;
}

const CHECK = script("check", checkSource);

/** The way to Redis, whatever stands behind it. */
export class RoutedLink implements RedisLink {
  readonly shards: number;
  readonly #params: LinkParams;
  readonly #prefixes: string[];
  readonly #listeners = new Set<(message: string) => void>();
  readonly #hints: Subscription;
  #pending = 0;
  #closing: Promise<void> | null = null;
  #whenIdle: (() => void) | null = null;

  constructor(params: LinkParams) {
    const { routes, clock, socket, tags, channel } = params;
    this.#params = params;
    this.shards = tags.length;
    this.#prefixes = tags.map((tag) => `{${tag}}:`);
    this.#hints = new Subscription({
      clock,
      socket: { ...socket, db: 0, name: `${socket.name}-hints` },
      place: "Redis (hints)",
      find: () => routes.anyServer(),
      channel,
      onMessage: (message) => this.#tell(message),
    });
  }

  /** Waits for the servers, and makes sure that what is needed may be done. */
  async start(): Promise<void> {
    const { channel, socket, waits } = this.#params;
    await this.#everywhere((shard) => this.run(CHECK, shard, [channel]));
    if (waits)
      await this.#everywhere((shard) => this.#call(shard, false, (server) => server.ask("wait", ["0", "1"])));
    await this.#hints.whenReady(socket.timeoutMs);
  }

  run(script: Script, shard: number, args: Argument[], options: { durable?: boolean } = {}): Promise<Reply> {
    const durable = options.durable ?? false;
    const call = { key: this.prefix(shard), args: args.map(asSent), durable };
    return this.#call(shard, durable, (server) => server.run(script, call));
  }

  async read(shard: number, keys: string[]): Promise<(Buffer | null)[]> {
    if (keys.length === 0) return [];
    const prefix = this.prefix(shard);
    const whole = keys.map((key) => prefix + key);
    return (await this.#call(shard, false, (server) => server.ask("mget", whole))) as (Buffer | null)[];
  }

  prefix(shard: number): string {
    const prefix = this.#prefixes[shard];
    if (prefix === undefined) throw new RangeError(`there is no shard ${shard}`);
    return prefix;
  }

  listen(onMessage: (message: string) => void): () => void {
    const listener = (message: string) => onMessage(message);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async ping(): Promise<void> {
    await this.#everywhere((shard) => this.run(CHECK, shard, [""]));
  }

  async usedBytes(): Promise<number | null> {
    if (this.#closing) throw closedError("Redis");
    const servers = this.#params.routes.servers();
    const used = await Promise.all(servers.map((server) => server.usedBytes()));
    return used.reduce((sum, bytes) => (sum === null || bytes === null ? null : sum + bytes), 0);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#pending > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
    this.#hints.close();
    this.#params.routes.close();
  }

  /** Asks until it was done or cannot be known not to have been: nothing is done twice. */
  async #call(shard: number, durable: boolean, ask: (server: Server) => Promise<Reply>): Promise<Reply> {
    if (this.#closing) throw closedError("Redis");
    const { routes, clock, socket } = this.#params;
    this.#pending++;
    try {
      const until = clock.monotonic() + socket.timeoutMs;
      for (let times = 0; ; times++) {
        const server =
          routes.now(shard, durable) ?? (await routes.wait(shard, durable, until - clock.monotonic()));
        try {
          return await ask(server);
        } catch (error) {
          if (!hasNotRun(error) || clock.monotonic() >= until) throw translated(error, server.place);
          await routes.refused({ shard, server, error, times });
        }
      }
    } finally {
      this.#pending--;
      if (this.#pending === 0) this.#whenIdle?.();
    }
  }

  async #everywhere(ask: (shard: number) => Promise<unknown>): Promise<void> {
    await Promise.all(this.#prefixes.map((_prefix, shard) => ask(shard)));
  }

  #tell(message: string): void {
    if (message === "") return;
    for (const listener of this.#listeners) {
      try {
        listener(message);
      } catch (error) {
        // A listener's fault is its own: it must not keep others from hearing.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}

/** The client sends text and buffers only. */
function asSent(argument: Argument): string | Buffer {
  if (typeof argument === "string") return argument;
  if (typeof argument === "number") return String(argument);
  if (Buffer.isBuffer(argument)) return argument;
  return Buffer.from(argument.buffer, argument.byteOffset, argument.byteLength);
}
