import { createRequire } from "node:module";
import type * as Ssh2 from "ssh2";
import type { Client, ClientChannel } from "ssh2";
import type { ZlibPacketReader, ZlibPacketWriter } from "ssh2/lib/protocol/zlib.js";
import { diffieHellmanInstalled, installDiffieHellman } from "../dh.ts";

export type {
  Algorithms,
  AnyAuthMethod,
  AuthenticationType,
  BaseAgent,
  Client,
  ClientChannel,
  ConnectConfig,
  OpenSSHAgent,
  ParsedKey,
  SFTPWrapper,
  Stats,
} from "ssh2";

let loading: Promise<typeof Ssh2> | undefined;

/**
 * The only way to ssh2: it takes the Diffie-Hellman constructors from node:crypto when it is loaded, so
 * ours must be there first. Rejects when something else in the process has loaded it before: handshakes
 * would hold the event loop for seconds then.
 */
export function loadSsh2(): Promise<typeof Ssh2> {
  loading ??= load();
  return loading;
}

async function load(): Promise<typeof Ssh2> {
  if (!diffieHellmanInstalled() && isLoaded()) {
    throw new Error("ssh2 was loaded before src/device/transport/ssh2.ts could prepare node:crypto for it");
  }
  installDiffieHellman();
  const ssh2 = (await import("ssh2")).default;
  const { ZlibPacketReader, ZlibPacketWriter } = (await import("ssh2/lib/protocol/zlib.js")).default;
  limitInflation(ZlibPacketReader);
  writeNothingAfterTheEnd(ZlibPacketWriter);
  return ssh2;
}

/** RFC 4253, 6.1 has packets of 32 KiB, ssh2 and others somewhat larger ones. */
const MAX_INFLATED = 256 * 1024;

/** A device could else make 35 MB of each packet of 35 KB. */
function limitInflation(reader: typeof ZlibPacketReader): void {
  const { read } = reader.prototype;
  reader.prototype.read = function limited(this: ZlibPacketReader, packet: Buffer) {
    this._zlib._maxOutputLength = MAX_INFLATED;
    return read.call(this, packet);
  };
}

/** ssh2 closes channels of a connection that is gone; only where there was compression it throws, out of nowhere. */
function writeNothingAfterTheEnd(writer: typeof ZlibPacketWriter): void {
  const { finalize } = writer.prototype;
  writer.prototype.finalize = function careful(this: ZlibPacketWriter, payload: Buffer, force?: boolean) {
    return this._zlib._handle === null ? payload : finalize.call(this, payload, force);
  };
}

/** Always false in a bundle, which has no such cache. */
function isLoaded(): boolean {
  const { cache } = createRequire(import.meta.url);
  return Object.keys(cache).some((path) => path.endsWith("/ssh2/lib/protocol/kex.js"));
}

/**
 * Sends a signal to what runs in a channel. ssh2's own `signal` does nothing once we have sent EOF, which
 * a command with empty input gets at once; the protocol (RFC 4254, 6.9) allows it until the channel closes.
 */
export function sendSignal(client: Client, channel: ClientChannel, name: "TERM" | "KILL"): void {
  const { _protocol: protocol } = client as unknown as { _protocol: SignalWriter };
  const { outgoing } = channel as unknown as { outgoing: { id: number; state: string } };
  if (outgoing.state === "open" || outgoing.state === "eof") protocol.signal(outgoing.id, name);
}

/**
 * Has `listener` told of every refusal before ssh2 acts on it. ssh2 keeps those of an agent's keys to itself,
 * and that a key was accepted as the first of several methods.
 */
export function onAuthFailure(
  client: Client,
  listener: (methodsLeft: string[], partial: boolean) => void,
): void {
  const { _protocol: protocol } = client as unknown as { _protocol: AuthReader };
  const original = protocol._handlers.USERAUTH_FAILURE;
  protocol._handlers.USERAUTH_FAILURE = (self, methodsLeft, partial) => {
    listener(methodsLeft, partial);
    original(self, methodsLeft, partial);
  };
}

interface AuthReader {
  _handlers: { USERAUTH_FAILURE: (self: unknown, methodsLeft: string[], partial: boolean) => void };
}

interface SignalWriter {
  signal(channelId: number, name: string): void;
}
