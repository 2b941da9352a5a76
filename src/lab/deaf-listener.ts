import { dlopen, ptr } from "bun:ffi";
import { connect, isIPv4, type Socket } from "node:net";
import { StartupError } from "../core/errors.ts";

/** A port at which connections are asked for in vain: neither accepted nor refused. */
export interface DeafListener {
  close(): void;
}

const AF_INET = 2;
const SOCK_STREAM_CLOEXEC = 0o2000001;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;

/**
 * Bun accepts whatever comes to a listener of its own, so this one is made by the system's calls: its
 * queue holds a single connection, which is ours, and the kernel answers no other.
 */
export async function listenDeaf(host: string, port: number): Promise<DeafListener> {
  if (!isIPv4(host)) throw new StartupError(`the fault stall-connect needs an IPv4 address, not ${host}`);
  const { symbols } = libc();
  const socket = symbols.socket(AF_INET, SOCK_STREAM_CLOEXEC, 0);
  const yes = new Int32Array([1]);
  const address = socketAddress(host, port);
  symbols.setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, ptr(yes), yes.byteLength);
  if (symbols.bind(socket, ptr(address), address.byteLength) < 0 || symbols.listen(socket, 0) < 0) {
    symbols.close(socket);
    throw new StartupError(`cannot listen on ${host}:${port} for the fault stall-connect`);
  }
  const filler = await connected(host, port);
  return {
    close() {
      filler.destroy();
      symbols.close(socket);
    },
  };
}

function libc() {
  if (process.platform !== "linux") throw new StartupError("the fault stall-connect needs Linux");
  return dlopen("libc.so.6", {
    socket: { args: ["i32", "i32", "i32"], returns: "i32" },
    setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
    bind: { args: ["i32", "ptr", "u32"], returns: "i32" },
    listen: { args: ["i32", "i32"], returns: "i32" },
    close: { args: ["i32"], returns: "i32" },
  });
}

/** A `sockaddr_in`: its family in the machine's byte order, the rest in the network's. */
function socketAddress(host: string, port: number): Uint8Array {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16LE(AF_INET, 0);
  bytes.writeUInt16BE(port, 2);
  bytes.set(host.split(".").map(Number), 4);
  return bytes;
}

function connected(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    socket.once("connect", () => resolve(socket));
    // The kernel resets it when the listener is closed.
    socket.on("error", reject);
  });
}
