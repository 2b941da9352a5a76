import { StorageError } from "../../core/errors.ts";
import type { Connection } from "./connection-live.ts";
import { NotSentError, translated } from "./errors.ts";

interface Group {
  /** The socket that the changes were made on. */
  socket: object;
  confirmed: Promise<void>;
}

/**
 * Waits until replicas have what was changed on one connection. One WAIT at a time: whoever comes while one is under
 * way shares the next, so that the connection is not a queue of them.
 */
export class Replicas {
  readonly #connection: Connection;
  readonly #count: number;
  readonly #timeoutMs: number;
  #running: Promise<unknown> = Promise.resolve();
  #next: Group | null = null;

  constructor(connection: Connection, params: { count: number; timeoutMs: number }) {
    this.#connection = connection;
    this.#count = params.count;
    this.#timeoutMs = params.timeoutMs;
  }

  /**
   * Resolves when enough replicas have all that was answered on `socket` so far. `key` is one that may be written:
   * WAIT is about this connection's own writes, and a repeated call that changes nothing has none.
   */
  confirm(socket: object | null, key: string): Promise<void> {
    if (socket === null || socket !== this.#connection.socket) return Promise.reject(this.#unknown());
    if (this.#next?.socket === socket) return this.#next.confirmed;
    const group: Group = { socket, confirmed: this.#running.then(() => this.#wait(group, key)) };
    this.#next = group;
    this.#running = group.confirmed.catch(() => {});
    return group.confirmed;
  }

  async #wait(group: Group, key: string): Promise<void> {
    if (this.#next === group) this.#next = null;
    // Another socket may lead to another server, which knows nothing of what this one was told.
    if (this.#connection.socket !== group.socket) throw this.#unknown();
    const [, replicas] = await Promise.all([
      this.#connection.send("set", [key, "", "PX", this.#timeoutMs]),
      this.#connection.send("wait", [this.#count, this.#timeoutMs]),
    ]).catch((error: unknown) => {
      // Ours now: what the server refused is only the question. The change is made, and nobody may take it for undone.
      throw error instanceof NotSentError ? this.#unknown() : translated(error, this.#connection.place);
    });
    if (Number(replicas) >= this.#count) return;
    throw this.#error(
      `${replicas} of ${this.#count} replicas have the change in time (storage.redis.wait_replicas); the master has it`,
    );
  }

  #unknown(): StorageError {
    return this.#error("the connection was lost before replicas had the change, which may have been done");
  }

  #error(what: string): StorageError {
    return new StorageError("unavailable", `${this.#connection.place}: ${what}`);
  }
}
