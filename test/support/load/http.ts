import type { Socket } from "bun";

export interface HttpAnswer {
  status: number;
  body: string;
}

/**
 * One kept-alive HTTP/1.1 connection, one request at a time: the least a client can cost, for it shares the machine
 * with what it measures. Understands answers with a length and chunked ones.
 */
export interface HttpConnection {
  request(method: "GET" | "POST" | "DELETE", path: string, json?: string): Promise<HttpAnswer>;
  close(): void;
}

export async function connectHttp({ url, key }: { url: string; key: string }): Promise<HttpConnection> {
  const { hostname, port, host } = new URL(url);
  const reader = new Reader();
  const socket: Socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      data: (_, chunk) => reader.take(chunk),
      close: () => reader.end(),
      error: () => reader.end(),
      drain: () => flush(),
    },
  });
  let unsent: Buffer = Buffer.alloc(0);
  const flush = () => {
    unsent = unsent.subarray(socket.write(unsent));
  };
  return {
    request(method, path, json = "") {
      const content =
        json === "" ? "" : `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(json)}\r\n`;
      const answer = reader.next();
      unsent = Buffer.from(
        `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nX-API-KEY: ${key}\r\n${content}\r\n${json}`,
      );
      flush();
      return answer;
    },
    close: () => void socket.end(),
  };
}

const HEAD_END = Buffer.from("\r\n\r\n");

class Reader {
  #data: Buffer = Buffer.alloc(0);
  #waiting: PromiseWithResolvers<HttpAnswer> | null = null;

  next(): Promise<HttpAnswer> {
    if (this.#waiting) throw new Error("one request at a time");
    this.#waiting = Promise.withResolvers();
    return this.#waiting.promise;
  }

  take(chunk: Buffer): void {
    this.#data = this.#data.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#data, chunk]);
    const answer = parse(this.#data);
    if (!answer) return;
    this.#data = Buffer.alloc(0);
    this.#waiting?.resolve(answer);
    this.#waiting = null;
  }

  end(): void {
    this.#waiting?.reject(new Error("the server closed the connection"));
  }
}

/** null while something is missing. */
function parse(data: Buffer): HttpAnswer | null {
  const headEnd = data.indexOf(HEAD_END);
  if (headEnd < 0) return null;
  const head = data.toString("latin1", 0, headEnd);
  const status = Number(head.slice(9, 12));
  const from = headEnd + HEAD_END.length;
  const [, length] = head.match(/\r\ncontent-length: (\d+)/i) ?? [];
  if (length === undefined) return chunked(data, from, status);
  const to = from + Number(length);
  return data.length < to ? null : { status, body: data.toString("utf8", from, to) };
}

function chunked(data: Buffer, start: number, status: number): HttpAnswer | null {
  const parts: Buffer[] = [];
  for (let at = start; ; ) {
    const lineEnd = data.indexOf("\r\n", at);
    if (lineEnd < 0) return null;
    const size = Number.parseInt(data.toString("latin1", at, lineEnd), 16);
    const to = lineEnd + 2 + size;
    if (data.length < to + 2) return null;
    if (size === 0) return { status, body: Buffer.concat(parts).toString("utf8") };
    parts.push(data.subarray(lineEnd + 2, to));
    at = to + 2;
  }
}
