import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Clock, Timer } from "../core/clock.ts";
import { hostOf } from "../engine/webhooks.ts";
import { AnswerReader } from "./answer.ts";

export interface Call {
  url: URL;
  /** What the URL's host was resolved to: this is connected to, whatever a second look at the name would say. */
  address: string;
  method: string;
  headers: readonly (readonly [name: string, value: string])[];
  body: Uint8Array;
  /** PEM; absent: the well-known authorities. */
  ca?: string;
}

/** How long an answer may go on once its status is known, ms: a receiver that is cut off may take it for a failure. */
const LINGER_MS = 1_000;

/** No answer was had. `message` completes "the receiver …"; it holds nothing that the receiver said. */
export class CallError extends Error {
  override readonly name = "CallError";
  /** Something may have been sent. */
  readonly connected: boolean;
  constructor(message: string, { connected = false } = {}) {
    super(message);
    this.connected = connected;
  }
}

/**
 * Sends one request and answers with the status of its answer, whose content nobody reads. A connection for each: what
 * is known of a receiver is its name, and whoever has its address may change between two calls. Own framing, because no
 * client of the runtime connects to an address while it checks the certificate of a name.
 */
export function call({ clock }: { clock: Clock }, request: Call, signal: AbortSignal): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  if (signal.aborted) return Promise.reject(new CallError("was not called: time is over"));
  const socket = open(request);
  const reader = new AnswerReader();
  let status: number | null = null;
  let connected = false;
  let linger: Timer | null = null;
  const fail = (message: string) => reject(new CallError(message, { connected }));
  const finish = () => {
    signal.removeEventListener("abort", abort);
    linger?.cancel();
    socket.destroy();
    if (status === null) fail("closed the connection without an answer");
    else resolve(status);
  };
  const abort = () => {
    if (status === null) fail("did not answer in time");
    finish();
  };
  signal.addEventListener("abort", abort, { once: true });
  socket.on("error", (error: NodeJS.ErrnoException) => {
    if (status === null) fail(`could not be called: ${codeOf(error)}`);
    finish();
  });
  socket.on("close", finish);
  socket.on("end", finish);
  socket.on(request.url.protocol === "https:" ? "secureConnect" : "connect", () => {
    connected = true;
    socket.write(headOf(request));
    socket.write(request.body);
  });
  socket.on("data", (piece: Buffer) => {
    const state = reader.take(piece);
    if (state === "none") return;
    if (state === "wrong") {
      fail("answered something that is no HTTP/1.1");
      return finish();
    }
    linger ??= clock.after(LINGER_MS, finish);
    status = reader.status;
    if (state === "over") finish();
  });
  return promise;
}

function open({ url, address, ca }: Call): Socket {
  const host = hostOf(url);
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  if (url.protocol === "http:") return connectTcp({ host: address, port });
  // A certificate of an address is compared with what is connected to; there is no name to send.
  const named = isIP(host) === 0 ? { servername: host } : {};
  return connectTls({
    ...{ host: address, port, ...named, ...(ca && { ca }) },
    ...{ ALPNProtocols: ["http/1.1"], rejectUnauthorized: true },
  });
}

function headOf({ url, method, headers, body }: Call): string {
  const lines = [
    `${method} ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${body.length}`,
    "Connection: close",
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

function codeOf({ code }: NodeJS.ErrnoException): string {
  return typeof code === "string" && /^[A-Z0-9_]{1,64}$/.test(code) ? code : "the connection failed";
}
