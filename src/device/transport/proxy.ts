import { isIP, type Socket } from "node:net";
import { DeviceError } from "../../core/errors.ts";
import { printable } from "./handshake-watch.ts";
import { place } from "./ssh-errors.ts";
import type { SshProxy } from "./ssh-target.ts";

interface Address {
  host: string;
  port: number;
}

/** Has the proxy at the other end of a fresh connection connect on. The socket then carries what the target says. */
export async function negotiate(socket: Socket, proxy: SshProxy, to: Address): Promise<Socket> {
  const reader = new Reader(socket, `the proxy ${place(proxy.host, proxy.port)}`);
  try {
    if (proxy.type === "http") await httpConnect(socket, reader, proxy, to);
    else await socks5(socket, reader, proxy, to);
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    reader.release();
  }
  return socket;
}

/** More than any answer of a proxy needs. */
const MAX_ANSWER = 16 * 1024;

/** Reads an answer and leaves what came behind it to the next reader of the socket. */
class Reader {
  readonly #socket: Socket;
  readonly #name: string;
  #read: Buffer = Buffer.alloc(0);
  #wake: () => void = () => {};
  #ended = false;
  readonly #onData = (bytes: Buffer) => {
    this.#read = Buffer.concat([this.#read, bytes]);
    this.#wake();
  };
  readonly #onEnd = () => {
    this.#ended = true;
    this.#wake();
  };

  constructor(socket: Socket, name: string) {
    this.#socket = socket;
    this.#name = name;
    socket.on("data", this.#onData).on("end", this.#onEnd).on("close", this.#onEnd).on("error", this.#onEnd);
  }

  async bytes(count: number): Promise<Buffer> {
    await this.#until(() => this.#read.length >= count);
    return this.#take(count);
  }

  /** Up to and with `mark`. */
  async through(mark: string): Promise<Buffer> {
    await this.#until(() => this.#read.includes(mark));
    return this.#take(this.#read.indexOf(mark) + mark.length);
  }

  release(): void {
    const { pause } = this.#socket;
    pause.call(this.#socket);
    this.#socket.off("data", this.#onData).off("end", this.#onEnd).off("close", this.#onEnd);
    this.#socket.off("error", this.#onEnd);
    if (this.#read.length > 0 && !this.#ended) this.#socket.unshift(this.#read);
  }

  refused(why: string, { retryable = true } = {}): DeviceError {
    return new DeviceError("ConnectionError", `${this.#name} ${why}`, { retryable });
  }

  async #until(enough: () => boolean): Promise<void> {
    while (!enough()) {
      if (this.#read.length > MAX_ANSWER) throw this.refused("answers without end");
      if (this.#ended) throw this.refused(`closed the connection${quoted(this.#read)}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #take(count: number): Buffer {
    const taken = this.#read.subarray(0, count);
    this.#read = this.#read.subarray(count);
    return taken;
  }
}

function quoted(said: Buffer): string {
  const text = printable(said.toString("latin1"));
  return text === "" ? "" : ` after it had said ${JSON.stringify(text.slice(0, 80))}`;
}

async function httpConnect(socket: Socket, reader: Reader, proxy: SshProxy, to: Address): Promise<void> {
  const authority = `${to.host.includes(":") ? `[${to.host}]` : to.host}:${to.port}`;
  const login = Buffer.from(`${proxy.username}:${proxy.password ?? ""}`).toString("base64");
  const lines = [
    `CONNECT ${authority} HTTP/1.1`,
    `Host: ${authority}`,
    ...(proxy.username === undefined ? [] : [`Proxy-Authorization: Basic ${login}`]),
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  const answer = (await reader.through("\r\n\r\n")).toString("latin1");
  const [, status = ""] = /^HTTP\/1\.[01] (\d{3})/.exec(answer) ?? [];
  if (/^2\d\d$/.test(status)) return;
  if (status === "407") throw notAdmitted(proxy);
  const said = printable(answer.split("\r\n")[0] ?? "").slice(0, 80);
  throw reader.refused(`did not connect to ${place(to.host, to.port)}: ${JSON.stringify(said)}`);
}

const NO_LOGIN = 0;
const BY_PASSWORD = 2;

/** RFC 1928, with the login of RFC 1929. */
async function socks5(socket: Socket, reader: Reader, proxy: SshProxy, to: Address): Promise<void> {
  const methods = proxy.username === undefined ? [NO_LOGIN] : [NO_LOGIN, BY_PASSWORD];
  socket.write(Buffer.from([5, methods.length, ...methods]));
  const [version, method] = await reader.bytes(2);
  if (version !== 5) throw reader.refused("does not speak SOCKS5");
  if (method === BY_PASSWORD) await socksLogin(socket, reader, proxy);
  else if (method !== NO_LOGIN) throw notAdmitted(proxy);
  const port = Buffer.alloc(2);
  port.writeUInt16BE(to.port);
  socket.write(Buffer.concat([Buffer.from([5, 1, 0]), socksAddress(to.host), port]));
  const [, reply = 0, , kind = 0] = await reader.bytes(4);
  const length = kind === 1 ? 4 : kind === 4 ? 16 : ((await reader.bytes(1))[0] ?? 0);
  await reader.bytes(length + 2);
  if (reply === 0) return;
  throw reader.refused(
    `did not connect to ${place(to.host, to.port)}: ${SOCKS_REPLIES[reply] ?? `reply ${reply}`}`,
  );
}

const SOCKS_REPLIES: Record<number, string> = {
  1: "general failure",
  2: "its rules do not allow it",
  3: "no route to the network",
  4: "no route to the host",
  5: "connection refused",
  6: "the connection timed out on the way",
  7: "it cannot connect to others",
  8: "it does not know this kind of address",
};

async function socksLogin(socket: Socket, reader: Reader, proxy: SshProxy): Promise<void> {
  const text = (value = "") => {
    const bytes = Buffer.from(value);
    return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  };
  socket.write(Buffer.concat([Buffer.from([1]), text(proxy.username), text(proxy.password)]));
  const [, status] = await reader.bytes(2);
  if (status !== 0) throw notAdmitted(proxy);
}

/** Names are the proxy's to resolve: it may see other ones than this node. */
function socksAddress(host: string): Buffer {
  switch (isIP(host)) {
    case 4:
      return Buffer.from([1, ...host.split(".").map(Number)]);
    case 6:
      return Buffer.from([4, ...ipv6Bytes(host)]);
    default: {
      const name = Buffer.from(host);
      return Buffer.concat([Buffer.from([3, name.length]), name]);
    }
  }
}

/** Of an address as RFC 5952 writes it, which may end in an IPv4 one. */
function ipv6Bytes(host: string): number[] {
  const groups = (part: string) =>
    part === ""
      ? []
      : part.split(":").flatMap((group) => {
          if (group.includes(".")) return group.split(".").map(Number);
          const value = Number.parseInt(group, 16);
          return [value >> 8, value & 0xff];
        });
  const [head = "", tail] = host.split("::");
  const front = groups(head);
  const back = groups(tail ?? "");
  return [...front, ...Array<number>(16 - front.length - back.length).fill(0), ...back];
}

function notAdmitted({ host, port, username }: SshProxy): DeviceError {
  const what =
    username === undefined ? "wants a user name and password" : "refused the user name and password";
  return new DeviceError(
    "AuthenticationError",
    `the proxy ${place(host, port)} ${what} (connection_args.proxy)`,
  );
}
