import type { Duplex } from "node:stream";

/** The algorithms a server offers, by what they are for. */
export interface Offer {
  kex: string[];
  hostKey: string[];
  cipher: string[];
  mac: string[];
  compression: string[];
}

/** Reads along the clear-text beginning of a connection: what the server says it is and what it offers. */
export interface HandshakeWatch {
  /** Resolves with the server's identification line (`SSH-2.0-…`). Never rejects. */
  identified: Promise<string>;
  /** Printable beginning of what came instead of an identification line; `null` when nothing came. */
  garbage(): string | null;
  /** From the server's first key exchange packet, as far as it came. */
  offer(): Offer | null;
  /** Forgets what was read; call it when the handshake is over. */
  stop(): void;
}

/** RFC 4253 allows other lines before the identification; neither they nor the offer need more. */
const MAX_READ = 64 * 1024;

/** Must be called before the client reads, so that it sees the first byte. Does not make the socket flow. */
export function watchHandshake(socket: Duplex): HandshakeWatch {
  let read: Buffer = Buffer.alloc(0);
  let found = false;
  const { promise: identified, resolve } = Promise.withResolvers<string>();
  const onData = (bytes: Buffer) => {
    if (read.length + bytes.length > MAX_READ) return stop();
    read = Buffer.concat([read, bytes]);
    const line = found ? null : identification(read);
    if (line === null) return;
    found = true;
    read = read.subarray(line.end);
    resolve(line.text);
  };
  const stop = () => {
    socket.off("data", onData);
    read = Buffer.alloc(0);
  };
  socket.prependListener("data", onData);
  return {
    identified,
    garbage: () => (found || read.length === 0 ? null : printable(read.toString("latin1"))),
    offer: () => (found ? parseKexInit(read) : null),
    stop,
  };
}

function identification(read: Buffer): { text: string; end: number } | null {
  const text = read.toString("latin1");
  const start = text.startsWith("SSH-") ? 0 : text.indexOf("\nSSH-") + 1;
  const end = text.indexOf("\n", start);
  if ((start === 0 && !text.startsWith("SSH-")) || end < 0) return null;
  return { text: text.slice(start, end).trimEnd(), end: end + 1 };
}

/** A device's own words, fit for an error message: one line, no control characters, not long. */
export function printable(text: string): string {
  return text
    .replace(/[^\x21-\x7e]+/g, " ")
    .trim()
    .slice(0, 200);
}

/** Packet length, padding length, message number, cookie. */
const KEXINIT_HEADER = 4 + 1 + 1 + 16;
const SSH_MSG_KEXINIT = 20;

function parseKexInit(packet: Buffer): Offer | null {
  if (packet.length < KEXINIT_HEADER || packet[5] !== SSH_MSG_KEXINIT) return null;
  const lists: string[][] = [];
  let at = KEXINIT_HEADER;
  while (lists.length < 8 && at + 4 <= packet.length) {
    const length = packet.readUInt32BE(at);
    const list = packet.toString("latin1", at + 4, at + 4 + length);
    lists.push(list.split(",").map(printable));
    at += 4 + length;
  }
  // Of each pair the list for what we send; devices have the same for both ways.
  const [kex = [], hostKey = [], cipher = [], , mac = [], , compression = []] = lists;
  return { kex, hostKey, cipher, mac, compression };
}
