import type { Clock } from "../../core/clock.ts";
import { pause, type Refusal, type Routes } from "./connection-routes.ts";
import { Server, type ServerParams } from "./connection-server.ts";
import { NotSentError, replyCode } from "./errors.ts";
import type { Endpoint } from "./url.ts";

/** Somebody who says when the server to find is another. */
interface Guide {
  watch(onSwitch: () => void): void;
  close(): void;
}

/** All shards on one server: a server of its own, or the master that sentinels name. */
export class SingleRoutes implements Routes {
  readonly #server: Server;
  readonly #clock: Clock;
  readonly #find: () => Promise<Endpoint>;
  readonly #guide: Guide | null;

  constructor({ guide = null, ...params }: ServerParams & { guide?: Guide | null }) {
    this.#clock = params.clock;
    this.#find = () => params.find();
    this.#server = new Server(params);
    this.#guide = guide;
    guide?.watch(() => this.#server.renew());
  }

  now(_shard: number, durable: boolean): Server | null {
    return this.#server.isReady(durable) ? this.#server : null;
  }

  async wait(_shard: number, durable: boolean, ms: number): Promise<Server> {
    await this.#server.whenReady(durable, ms);
    return this.#server;
  }

  async refused({ error }: Refusal): Promise<void> {
    if (error instanceof NotSentError) return;
    // The master may be another by now.
    if (replyCode(error) === "READONLY") this.#server.renew();
    await pause(this.#clock);
  }

  servers(): Server[] {
    return [this.#server];
  }

  anyServer(): Promise<Endpoint> {
    return this.#find();
  }

  close(): void {
    this.#guide?.close();
    this.#server.close();
  }
}
