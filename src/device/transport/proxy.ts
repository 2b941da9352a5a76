import { isIP, type Socket } from "node:net";
import { DeviceError } from "../../core/errors.ts";
import { MASK } from "../../core/mask.ts";
import { printable } from "./handshake-watch.ts";
import { place } from "./ssh-errors.ts";
import type { SshProxy } from "./ssh-target.ts";

interface Address {
  host: string;
  port: number;
}

/** Has the proxy at the other end of a fresh connection connect on. The socket then carries what the target says. */
export async function negotiate(socket: Socket, proxy: SshProxy, to: Address): Promise<Socket> {
  const reader = new Reader(socket, proxy);
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
const MAX_QUOTED = 80;

/** Reads an answer and leaves what came behind it to the next reader of the socket. */
class Reader {
  readonly #socket: Socket;
  readonly #proxy: SshProxy;
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

  constructor(socket: Socket, proxy: SshProxy) {
    this.#socket = socket;
    this.#proxy = proxy;
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
    this.#socket.pause();
    this.#socket.off("data", this.#onData).off("end", this.#onEnd).off("close", this.#onEnd);
    this.#socket.off("error", this.#onEnd);
    if (this.#read.length > 0 && !this.#ended) this.#socket.unshift(this.#read);
  }

  refused(why: string, { retryable = true } = {}): DeviceError {
    const { host, port } = this.#proxy;
    return new DeviceError("ConnectionError", `the proxy ${place(host, port)} ${why}`, { retryable });
  }

  /** What the proxy said, in an error: it may repeat what it was told. */
  quote(said: string): string {
    const shown = printable(said.replaceAll(basicLogin(this.#proxy), MASK));
    return JSON.stringify(shown.slice(0, MAX_QUOTED));
  }

  async #until(enough: () => boolean): Promise<void> {
    while (!enough()) {
      if (this.#read.length > MAX_ANSWER) throw this.refused("answers without end");
      if (this.#ended) throw this.refused(`closed the connection${this.#after()}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #after(): string {
    return this.#read.length === 0 ? "" : ` after it had said ${this.quote(this.#read.toString("latin1"))}`;
  }

  #take(count: number): Buffer {
    const taken = this.#read.subarray(0, count);
    this.#read = this.#read.subarray(count);
    return taken;
  }
}

/** As HTTP has a name and password. */
function basicLogin({ username = "", password = "" }: SshProxy): string {
  return Buffer.from(`${username}:${password}`).toString("base64");
}

async function httpConnect(socket: Socket, reader: Reader, proxy: SshProxy, to: Address): Promise<void> {
  const authority = `${to.host.includes(":") ? `[${to.host}]` : to.host}:${to.port}`;
  const lines = [
    `CONNECT ${authority} HTTP/1.1`,
    `Host: ${authority}`,
    ...(proxy.username === undefined ? [] : [`Proxy-Authorization: Basic ${basicLogin(proxy)}`]),
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  const answer = (await reader.through("\r\n\r\n")).toString("latin1");
  const [, status = ""] = /^HTTP\/1\.[01] (\d{3})/.exec(answer) ?? [];
  if (/^2\d\d$/.test(status)) return;
  if (status === "407") throw notAdmitted(proxy);
  throw reader.refused(
    `did not connect to ${place(to.host, to.port)}: ${reader.quote(answer.split("\r\n")[0] ?? "")}`,
  );
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
