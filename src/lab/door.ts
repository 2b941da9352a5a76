import { createServer, type Server, type Socket } from "node:net";
import { StartupError } from "../core/errors.ts";
import { type DeafListener, listenDeaf } from "./deaf-listener.ts";

/** Where connections come in: open, or jammed, when nobody is let in and nobody is told. */
export class Door {
  readonly #host: string;
  readonly #onSocket: (socket: Socket) => void;
  #open: Server | null = null;
  #jammed: DeafListener | null = null;
  #port = 0;
  #closed = false;
  /** Changes are made one after another. */
  #last: Promise<void> = Promise.resolve();

  constructor(host: string, onSocket: (socket: Socket) => void) {
    this.#host = host;
    this.#onSocket = onSocket;
  }

  get port(): number {
    return this.#port;
  }

  /** Port 0 takes a free one. Rejects with `StartupError` when the port cannot be had. */
  async open(port: number): Promise<void> {
    const server = createServer({ noDelay: true }, this.#onSocket);
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error) => reject(listenError(error, this.#host, port)));
      server.listen(port, this.#host, resolve);
    });
    const address = server.address();
    this.#port = typeof address === "object" && address !== null ? address.port : port;
    this.#open = server;
  }

  /** Connections that are open stay. */
  jam(jammed: boolean): Promise<void> {
    return this.#next(async () => {
      if (this.#closed || jammed === (this.#jammed !== null)) return;
      this.#leave();
      if (jammed) this.#jammed = await listenDeaf(this.#host, this.#port);
      else await this.open(this.#port);
    });
  }

  /** Idempotent. */
  close(): Promise<void> {
    return this.#next(async () => {
      this.#closed = true;
      this.#leave();
    });
  }

  /** The port is free when this returns. */
  #leave(): void {
    this.#open?.close();
    this.#jammed?.close();
    this.#open = null;
    this.#jammed = null;
  }

  #next(change: () => Promise<void>): Promise<void> {
    const done = this.#last.then(change);
    this.#last = done.catch(() => {});
    return done;
  }
}

function listenError(error: Error, host: string, port: number): StartupError {
  const code = "code" in error ? error.code : "";
  const where = `${host}:${port}`;
  if (code === "EADDRINUSE") {
    return new StartupError(`${where} is in use; choose another port with --port`, { cause: error });
  }
  return new StartupError(`cannot listen on ${where} (${code}); choose another with --host or --port`, {
    cause: error,
  });
}
