import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";

/** A request as it came over the wire. */
export interface Received {
  method: string;
  path: string;
  headers: Headers;
  body: string;
}

/** What a receiver does with a request: an answer as it is sent, or something else with its connection. */
export type Reaction = string | ((socket: Socket) => void);

export function answer(status: number, headers: readonly string[] = []): string {
  return [`HTTP/1.1 ${status} Whatever`, "Content-Length: 0", ...headers, "", ""].join("\r\n");
}

/** A real server that reads HTTP by itself, so that it can misbehave at any point. */
export interface Receiver extends AsyncDisposable {
  port: number;
  received: Received[];
  /** Connections that are open. */
  open: Set<Socket>;
  /** What it does with the next requests; the last one counts for all further ones. */
  react(...reactions: Reaction[]): void;
  /** Resolves when so many requests have come. */
  count(requests: number): Promise<Received[]>;
}

export async function startReceiver(tls?: TlsOptions): Promise<Receiver> {
  const received: Received[] = [];
  const open = new Set<Socket>();
  let reactions: Reaction[] = [answer(200)];
  const waiting = new Set<() => void>();

  function take(socket: Socket): void {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => {});
    let text = "";
    let taken = false;
    socket.on("data", (piece: Buffer) => {
      text += piece.toString("latin1");
      const request = taken ? null : parse(text);
      if (request === null) return;
      taken = true;
      received.push(request);
      const reaction = reactions.length > 1 ? reactions.shift() : reactions[0];
      if (typeof reaction === "function") reaction(socket);
      else socket.end(reaction ?? "");
      for (const wake of waiting) wake();
    });
  }

  const server: Server = tls ? createTlsServer(tls, take) : createServer(take);
  server.on("tlsClientError", () => {});
  await new Promise<void>((resume) => server.listen(0, "127.0.0.1", resume));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it has no port");
  return {
    port: address.port,
    received,
    open,
    react(...next) {
      reactions = next;
    },
    async count(requests) {
      while (received.length < requests) {
        await new Promise<void>((resume) => {
          const wake = () => {
            waiting.delete(wake);
            resume();
          };
          waiting.add(wake);
        });
      }
      return received;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resume) => server.close(() => resume()));
    },
  };
}

function parse(text: string): Received | null {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const [first = "", ...lines] = text.slice(0, end).split("\r\n");
  const headers = new Headers(lines.map((line) => line.split(/: (.*)/s, 2) as [string, string]));
  const body = text.slice(end + 4);
  if (body.length < Number(headers.get("content-length"))) return null;
  const [method = "", path = ""] = first.split(" ");
  return { method, path, headers, body: Buffer.from(body, "latin1").toString("utf8") };
}
