import type { Redis } from "ioredis";
import type { Clock, Timer } from "../../core/clock.ts";
import { Connection } from "./connection-live.ts";
import type { SocketOptions } from "./connection-socket.ts";
import type { Endpoint } from "./url.ts";

export interface SubscriptionParams {
  clock: Clock;
  socket: SocketOptions;
  place: string;
  find(): Promise<Endpoint>;
  channel: string;
  onMessage(message: string): void;
}

/** How often a connection on which nothing comes in is asked whether it is alive. */
const PING_MS = 10_000;

/** Listens to a channel of one server after another, for ever. Messages sent while none is connected are lost. */
export class Subscription {
  readonly #connection: Connection;
  readonly #clock: Clock;
  #ping: Timer;

  constructor({ channel, onMessage, ...params }: SubscriptionParams) {
    this.#clock = params.clock;
    this.#connection = new Connection({
      ...params,
      async prepare(socket: Redis): Promise<void> {
        socket.on("message", (_channel: string, message: string) => onMessage(message));
        await socket.subscribe(channel);
      },
    });
    this.#ping = this.#nextPing();
  }

  whenReady(ms: number): Promise<void> {
    return this.#connection.whenReady(ms);
  }

  close(): void {
    this.#ping.cancel();
    this.#connection.close();
  }

  /** A server that is gone without a word is noticed only by asking it something; no answer ends the connection. */
  #nextPing(): Timer {
    return this.#clock.after(PING_MS, () => {
      this.#connection.send("ping", []).catch(() => {});
      this.#ping = this.#nextPing();
    });
  }
}
