import { connect, createServer, type Server, type Socket } from "node:net";

/** A way to a server that can be cut, narrowed or stopped, as networks are. */
export interface TcpProxy {
  readonly host: "127.0.0.1";
  readonly port: number;
  /** Connections that were cut so far. */
  readonly cuts: number;
  /** Lets so many bytes of answers through, on all connections together, then cuts all of them. */
  cutAfter(bytes: number): Promise<void>;
  /** Cuts what is open; refuses what is new until {@link open}. */
  close(): void;
  open(): void;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const proxy = new Forwarder(target);
  await proxy.listen();
  return proxy;
}

class Forwarder implements TcpProxy {
  readonly host = "127.0.0.1";
  port = 0;
  cuts = 0;
  readonly #target: { host: string; port: number };
  readonly #server: Server;
  readonly #pairs = new Set<[Socket, Socket]>();
  #open = true;
  /** Bytes of answers until the cut; null while none is planned. */
  #left: number | null = null;
  #cut: () => void = () => {};

  constructor(target: { host: string; port: number }) {
    this.#target = target;
    this.#server = createServer((client) => this.#accept(client));
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(0, this.host, () => {
        const address = this.#server.address();
        if (address !== null && typeof address === "object") this.port = address.port;
        resolve();
      });
    });
  }

  cutAfter(bytes: number): Promise<void> {
    return new Promise((resolve) => {
      this.#left = bytes;
      this.#cut = resolve;
    });
  }

  close(): void {
    this.#open = false;
    this.#cutAll();
  }

  open(): void {
    this.#open = true;
  }

  async stop(): Promise<void> {
    this.close();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #accept(client: Socket): void {
    if (!this.#open) return void client.destroy();
    const server = connect(this.#target);
    const pair: [Socket, Socket] = [client, server];
    this.#pairs.add(pair);
    const end = () => {
      this.#pairs.delete(pair);
      for (const socket of pair) socket.destroy();
    };
    for (const socket of pair) socket.setNoDelay(true).on("error", end).on("close", end);
    client.on("data", (chunk) => void server.write(chunk));
    server.on("data", (chunk) => this.#answer(client, chunk));
  }

  /** What does not come through is lost, and so is everything after it. */
  #answer(client: Socket, chunk: Buffer): void {
    if (this.#left === null) return void client.write(chunk);
    const passed = chunk.subarray(0, this.#left);
    this.#left -= passed.length;
    const last = this.#left === 0 && passed.length < chunk.length;
    if (!last) return void client.write(passed);
    this.#left = null;
    client.write(passed, () => this.#cutAll());
    this.#cut();
  }

  #cutAll(): void {
    for (const pair of this.#pairs) {
      this.cuts += 1;
      for (const socket of pair) socket.destroy();
    }
    this.#pairs.clear();
  }
}
