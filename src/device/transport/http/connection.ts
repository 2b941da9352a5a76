import type { Socket } from "node:net";
import { DeviceError } from "../../../core/errors.ts";
import type { ConnectContext } from "../../driver.ts";
import { printable } from "../handshake-watch.ts";
import { type HttpResponse, ResponseReader } from "./response.ts";

export interface HttpRequest {
  method: "GET" | "POST";
  path: string;
  headers: Readonly<Record<string, string>>;
  body: string;
  /** Without a byte of the answer, until it is given up. */
  seconds: number;
  /** Of an answer's body; a longer one is an `OutputLimit`. */
  maxBody: number;
  /** Ends the request, and the connection with it. */
  signal: AbortSignal;
}

interface Parts {
  /** The connection itself. */
  wire: Socket;
  /** What is read and written: it, or TLS over it. */
  socket: Socket;
  /** How messages name the server. */
  where: string;
  around: Pick<ConnectContext<unknown>, "clock" | "guard">;
}

interface Pending {
  reader: ResponseReader;
  resolve(response: HttpResponse): void;
  reject(error: unknown): void;
}

/**
 * A connection to an HTTP server: one request at a time, and none is ever sent twice. Any failure in the middle of one
 * ends it.
 */
export class HttpConnection {
  readonly #wire: Socket;
  readonly #socket: Socket;
  readonly #where: string;
  readonly #around: Parts["around"];
  #pending: Pending | null = null;
  #lastByte = 0;
  #lost: string | null = null;
  #ended = false;

  constructor({ wire, socket, where, around }: Parts) {
    this.#wire = wire;
    this.#socket = socket;
    this.#where = where;
    this.#around = around;
    socket.on("data", (bytes: Uint8Array) => this.#receive(bytes));
    socket.on("error", (error: Error) => {
      if (!error.message.includes("EPIPE")) this.#lost ??= printable(error.message);
    });
    socket.once("close", () => this.#end());
    if (socket.destroyed) this.#end();
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Rejects with a `DeviceError`, or the signal's reason. */
  async request(request: HttpRequest): Promise<HttpResponse> {
    const { signal } = request;
    signal.throwIfAborted();
    if (this.#pending !== null) throw new Error("two requests at a time on one connection");
    if (this.#ended) throw this.#reason();
    const { promise, resolve, reject } = Promise.withResolvers<HttpResponse>();
    this.#pending = { reader: new ResponseReader(request.maxBody), resolve, reject };
    const onAbort = () => this.#fail(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    const silence = this.#watchSilence(request.seconds);
    try {
      this.#send(request);
      return await promise;
    } finally {
      silence.stop();
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** Ends at once, without another byte. Idempotent. */
  destroy(): void {
    this.#close(this.#pending !== null);
  }

  /** `amid` a request: what the kernel still holds of it must not reach the device later. */
  #close(amid: boolean): void {
    if (amid) this.#wire.resetAndDestroy();
    this.#socket.destroy();
    this.#end();
  }

  /** The one place every byte meant for the device passes. */
  #send({ method, path, headers, body }: HttpRequest): void {
    try {
      this.#around.guard.assertMayWrite();
    } catch (error) {
      this.#fail(error);
      return;
    }
    const length = Buffer.byteLength(body);
    const lines = Object.entries({ ...headers, "Content-Length": String(length) }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    this.#socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`);
  }

  #receive(bytes: Uint8Array): void {
    this.#lastByte = this.#around.clock.monotonic();
    const pending = this.#pending;
    // What nobody asked for.
    if (pending === null) return this.destroy();
    try {
      const response = pending.reader.feed(bytes);
      if (response !== null) this.#settle(pending, response);
    } catch (error) {
      this.#fail(error);
    }
  }

  #settle(pending: Pending, response: HttpResponse): void {
    this.#pending = null;
    if (!response.keepAlive) this.destroy();
    pending.resolve(response);
  }

  #fail(error: unknown): void {
    const pending = this.#pending;
    this.#pending = null;
    this.#close(pending !== null);
    pending?.reject(error);
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    const pending = this.#pending;
    const response = this.#lost === null ? pending?.reader.end() : null;
    if (pending === null) return;
    this.#pending = null;
    if (response) pending.resolve(response);
    else
      pending.reject(
        this.#reason(pending.reader.begun ? "in the middle of its answer" : "before it answered"),
      );
  }

  #reason(when = ""): DeviceError {
    const why = this.#lost === null ? "closed the connection" : `was lost: ${this.#lost}`;
    return new DeviceError("ConnectionError", [`${this.#where} ${why}`, when].join(" ").trim());
  }

  /** One timer for a whole wait: it looks at the last byte when it fires, not at each byte. */
  #watchSilence(seconds: number): { stop(): void } {
    const { clock } = this.#around;
    this.#lastByte = clock.monotonic();
    const check = () => {
      const left = seconds * 1000 - (clock.monotonic() - this.#lastByte);
      if (left >= 1) timer = clock.after(left, check);
      else this.#fail(new DeviceError("TimeoutError", `${this.#where} did not answer for ${seconds} s`));
    };
    let timer = clock.after(seconds * 1000, check);
    return { stop: () => timer.cancel() };
  }
}
