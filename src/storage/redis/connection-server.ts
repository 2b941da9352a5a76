import type { Redis } from "ioredis";
import type { Clock } from "../../core/clock.ts";
import { checkServer, parseInfo } from "./connection-check.ts";
import { Connection } from "./connection-live.ts";
import { Replicas } from "./connection-replicas.ts";
import type { SocketOptions } from "./connection-socket.ts";
import { replyCode, translated } from "./errors.ts";
import type { Reply, Script } from "./link.ts";
import type { Endpoint } from "./url.ts";

export interface ServerParams {
  clock: Clock;
  socket: SocketOptions;
  place: string;
  find(): Promise<Endpoint>;
  cluster: boolean;
  /** How many replicas must have a durable change. */
  waitReplicas: number;
}

export interface Call {
  /** Routes the call; keys begin with it. */
  key: string;
  args: (string | Buffer | number)[];
  durable: boolean;
}

/** A server that holds shards, or whichever server the sentinels name. */
export class Server {
  readonly place: string;
  readonly #plain: Connection;
  /** Apart from the other where replicas are waited for: WAIT holds up all that is behind it. */
  readonly #durable: Connection;
  readonly #replicas: Replicas | null;

  constructor(params: ServerParams) {
    const { clock, socket, place, cluster, waitReplicas } = params;
    const prepare = (fresh: Redis) => checkServer(fresh, cluster);
    const connect = () => new Connection({ clock, socket, place, prepare, find: () => params.find() });
    this.place = place;
    this.#plain = connect();
    this.#durable = waitReplicas > 0 ? connect() : this.#plain;
    this.#replicas =
      waitReplicas > 0
        ? new Replicas(this.#durable, { count: waitReplicas, timeoutMs: Math.ceil(socket.timeoutMs / 2) })
        : null;
  }

  isReady(durable: boolean): boolean {
    return this.#of(durable).isReady;
  }

  whenReady(durable: boolean, ms: number): Promise<void> {
    return this.#of(durable).whenReady(ms);
  }

  isHopeless(durable: boolean): boolean {
    return this.#of(durable).isHopeless;
  }

  /** Runs a script once. EVAL where the server does not know it, which has not run it then: it runs and keeps it. */
  async run(script: Script, call: Call): Promise<Reply> {
    const connection = this.#of(call.durable);
    const rest = [1, call.key, ...call.args];
    let socket = connection.socket;
    const reply = await connection.send("evalsha", [script.sha, ...rest]).catch((error: unknown) => {
      if (replyCode(error) !== "NOSCRIPT") throw error;
      socket = connection.socket;
      return connection.send("eval", [script.source, ...rest]);
    });
    if (call.durable && this.#replicas !== null) {
      await this.#replicas.confirm(socket, `${call.key}confirm`);
    }
    return reply;
  }

  ask(name: string, args: string[]): Promise<Reply> {
    return this.#plain.send(name, args);
  }

  /** Bytes of data; null for a user who may not ask. */
  async usedBytes(): Promise<number | null> {
    const info = await this.#info("memory");
    return Number(info?.get("used_memory_dataset") ?? info?.get("used_memory") ?? Number.NaN) || null;
  }

  /** Whether it writes down each change as it makes it; null for a user who may not ask. */
  async keepsChanges(): Promise<boolean | null> {
    const info = await this.#info("persistence");
    return info === null ? null : info.get("aof_enabled") === "1";
  }

  /** Looks for the right server again. */
  renew(): void {
    this.#plain.renew();
    this.#durable.renew();
  }

  close(): void {
    this.#plain.close();
    this.#durable.close();
  }

  async #info(section: string): Promise<Map<string, string> | null> {
    try {
      return parseInfo(String(await this.ask("info", [section])));
    } catch (error) {
      if (replyCode(error) === "NOPERM") return null;
      throw translated(error, this.place);
    }
  }

  #of(durable: boolean): Connection {
    return durable ? this.#durable : this.#plain;
  }
}
