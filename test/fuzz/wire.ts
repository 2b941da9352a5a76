import { connect, type Socket } from "node:net";
import type { Wire } from "./requests.ts";

/** An answer, read as far as HTTP says; null where the server closed the connection without one. */
export interface Reply {
  status: number;
  headers: Headers;
  body: string;
}

/** How long an answer may take, ms. */
const PATIENCE = 30_000;
/** How long a slow client does nothing in the middle of its body, ms. */
const HESITATION = 25;
const STREAM = "text/event-stream";

/** One connection at a time, kept as long as the server keeps it. */
export class Line {
  readonly #host: string;
  readonly #port: number;
  #socket: Socket | null = null;
  #received = Buffer.alloc(0);
  #closed = false;
  #wake: () => void = () => {};

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.#host = hostname;
    this.#port = Number(port);
  }

  async exchange(wire: Wire): Promise<Reply | null> {
    this.#socket ??= this.#connect();
    const body = wire.body ?? new Uint8Array();
    this.#socket.write(headOf(wire, body.length));
    if (wire.manner === "truncated") {
      this.#socket.write(body.subarray(0, body.length >> 1));
      this.close();
      return null;
    }
    if (wire.manner === "slow") {
      this.#socket.write(body.subarray(0, body.length >> 1));
      await new Promise((resolve) => setTimeout(resolve, HESITATION));
      this.#socket.write(body.subarray(body.length >> 1));
    } else if (body.length > 0) this.#socket.write(body);
    const reply = await this.#reply(wire.method === "HEAD");
    const closing = reply === null || reply.headers.get("connection") === "close" || wire.manner === "broken";
    if (closing || reply.headers.get("content-type") === STREAM) this.close();
    return reply;
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = null;
  }

  #connect(): Socket {
    this.#received = Buffer.alloc(0);
    this.#closed = false;
    const socket = connect(this.#port, this.#host);
    socket.setNoDelay(true);
    const mine = (act: () => void) => {
      if (this.#socket !== socket) return;
      act();
      this.#wake();
    };
    socket.on("data", (data: Buffer) =>
      mine(() => {
        this.#received = Buffer.concat([this.#received, data]);
      }),
    );
    socket.on("error", () => {}); // "close" follows
    socket.on("close", () =>
      mine(() => {
        this.#closed = true;
      }),
    );
    return socket;
  }

  async #reply(isHead: boolean): Promise<Reply | null> {
    for (;;) {
      const end = await this.#until((bytes) => bytes.indexOf("\r\n\r\n"));
      if (end < 0) return null;
      const head = this.#take(end + 4).toString("latin1");
      const [first = "", ...lines] = head.trimEnd().split("\r\n");
      const status = Number(first.slice(9, 12));
      if (status === 100) continue;
      const headers = new Headers(
        lines.map((line): [string, string] => [
          line.slice(0, line.indexOf(":")),
          line.slice(line.indexOf(":") + 1).trim(),
        ]),
      );
      const none = isHead || status === 204 || status === 304 || headers.get("content-type") === STREAM;
      return { status, headers, body: none ? "" : await this.#body(headers) };
    }
  }

  async #body(headers: Headers): Promise<string> {
    if (headers.get("transfer-encoding") === "chunked") return await this.#chunks();
    const length = Number(headers.get("content-length") ?? "0");
    await this.#until((bytes) => (bytes.length >= length ? length : -1));
    return this.#take(length).toString();
  }

  async #chunks(): Promise<string> {
    const parts: Buffer[] = [];
    for (;;) {
      const end = await this.#until((bytes) => bytes.indexOf("\r\n"));
      if (end < 0) throw new Error("an answer broke off");
      const size = Number.parseInt(this.#take(end + 2).toString(), 16);
      await this.#until((bytes) => (bytes.length >= size + 2 ? size : -1));
      parts.push(this.#take(size + 2).subarray(0, size));
      if (size === 0) return Buffer.concat(parts).toString();
    }
  }

  #take(length: number): Buffer {
    const taken = this.#received.subarray(0, length);
    this.#received = this.#received.subarray(length);
    return taken;
  }

  /** What `look` finds once it is not negative; -1 when the connection was closed before. */
  async #until(look: (bytes: Buffer) => number): Promise<number> {
    const late = Date.now() + PATIENCE;
    for (;;) {
      const found = look(this.#received);
      if (found >= 0 || this.#closed) return found;
      if (Date.now() >= late) throw new Error("no answer within 30 s");
      await this.#more(late);
    }
  }

  #more(late: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(1, late - Date.now()));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function headOf({ method, target, headers, body }: Wire, length: number): string {
  const names = headers.map(([name]) => name.toLowerCase());
  const all = [...headers];
  if (!names.includes("host")) all.unshift(["Host", "np"]);
  const framed = names.includes("content-length") || names.includes("transfer-encoding");
  if (body !== null && !framed) all.push(["Content-Length", String(length)]);
  return `${method} ${target} HTTP/1.1\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
}
