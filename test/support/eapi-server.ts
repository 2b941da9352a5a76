import { readFileSync } from "node:fs";
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { EosBox, type EosOptions, type RpcRequest } from "./eos-box.ts";

export interface EapiOptions extends EosOptions {
  /** Files in PEM; without, it speaks HTTP. `ca`: clients must show a certificate of that authority. */
  tls?: { key: string; cert: string; ca?: string };
  /** Ends the connection after each answer. */
  closes?: boolean;
  /** Answers in chunks of this size, without a length. */
  chunks?: number;
}

/** What the server received, less what is the same for all. */
export interface Received {
  request: RpcRequest;
  connection: number;
}

/** A server of Arista's eAPI, on a free port of 127.0.0.1; what it answers is {@link EosBox}'s. */
export class EapiServer implements AsyncDisposable {
  readonly box: EosBox;
  readonly received: Received[] = [];
  readonly #server: Server;
  readonly #options: EapiOptions;
  readonly #sockets = new Set<Socket>();
  #connections = 0;
  #held: (() => void)[] | null = null;
  #waiting: (() => void)[] = [];
  /** Sent in place of the next answer, byte by byte as it is. */
  instead: string | null = null;

  private constructor(options: EapiOptions) {
    this.#options = options;
    this.box = new EosBox(options);
    const serve = (socket: Socket) => this.#serve(socket);
    const { tls } = options;
    this.#server =
      tls === undefined
        ? createTcpServer(serve)
        : createTlsServer(
            {
              key: readFileSync(tls.key),
              cert: readFileSync(tls.cert),
              ...(tls.ca === undefined
                ? {}
                : { ca: readFileSync(tls.ca), requestCert: true, rejectUnauthorized: true }),
            },
            (socket: TLSSocket) => serve(socket),
          );
  }

  static async start(options: EapiOptions = {}): Promise<EapiServer> {
    const server = new EapiServer(options);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  get connections(): number {
    return this.#connections;
  }

  get open(): number {
    return this.#sockets.size;
  }

  /** From now on requests are taken and not answered. */
  hold(): void {
    this.#held = [];
  }

  /** Resolves when a request waits. */
  async waits(): Promise<void> {
    if ((this.#held?.length ?? 0) > 0) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  dropConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.dropConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #serve(socket: Socket): void {
    const connection = ++this.#connections;
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket)).on("error", () => {});
    let text = "";
    socket.on("data", (bytes) => {
      // The greeting of TLS.
      if (bytes[0] === 0x16) return void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
      text += bytes.toString("latin1");
      for (;;) {
        const end = text.indexOf("\r\n\r\n");
        const head = text.slice(0, end);
        const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
        if (end < 0 || text.length < end + 4 + length) return;
        const body = Buffer.from(text.slice(end + 4, end + 4 + length), "latin1").toString("utf8");
        text = text.slice(end + 4 + length);
        this.#take(socket, connection, head, body);
      }
    });
  }

  #take(socket: Socket, connection: number, head: string, body: string): void {
    if (this.#held !== null) {
      this.#held.push(() => {});
      for (const resolve of this.#waiting.splice(0)) resolve();
      return;
    }
    if (this.instead !== null) {
      const { instead } = this;
      this.instead = null;
      socket.end(Buffer.from(instead, "latin1"));
      return;
    }
    if (!/^POST \/command-api HTTP\/1\.1\r\n/.test(head))
      return this.#answer(socket, "404 Not Found", "none");
    const [, credentials = ""] = /^authorization: Basic (\S+)$/im.exec(head) ?? [];
    if (!this.box.knows(Buffer.from(credentials, "base64").toString("utf8"))) {
      return this.#answer(
        socket,
        "401 Unauthorized",
        "Unable to authenticate user: Bad username/password combination",
      );
    }
    const request = JSON.parse(body) as RpcRequest;
    this.received.push({ request, connection });
    this.#answer(socket, "200 OK", this.box.answer(request));
  }

  #answer(socket: Socket, status: string, text: string): void {
    const { chunks, closes } = this.#options;
    const body = Buffer.from(text, "utf8");
    const head = `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\n${closes ? "Connection: close\r\n" : ""}`;
    if (chunks === undefined) {
      socket.write(`${head}Content-Length: ${body.length}\r\n\r\n`);
      socket.write(body);
    } else {
      socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n`);
      for (let at = 0; at < body.length; at += chunks) {
        const part = body.subarray(at, at + chunks);
        socket.write(`${part.length.toString(16)};x=y\r\n`);
        socket.write(part);
        socket.write("\r\n");
      }
      socket.write("0\r\nX-Trailer: t\r\n\r\n");
    }
    if (closes) socket.end();
  }
}
