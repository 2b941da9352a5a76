import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { DeviceError } from "../../../core/errors.ts";
import type { ByteChannel, ByteSink } from "../channel.ts";
import { printable } from "../handshake-watch.ts";
import { place } from "../ssh-errors.ts";
import type { SshSurroundings, SshTarget } from "../ssh-target.ts";
import { wayTo } from "../way.ts";
import { DM, type Verb } from "./codes.ts";
import { TelnetDecoder, type TelnetListener } from "./decoder.ts";
import { encodeTyped } from "./encode.ts";
import { Negotiation } from "./options.ts";

/** As over SSH: wide, so that no echo wraps, and high, so that a device which goes by it does not page. */
const LOOK = { term: "vt100", cols: 511, rows: 1000 };

/** Answers to a device that negotiates on and on. Real ones ask a dozen things. */
const MAX_ANSWERS = 200;

/** How long `close` waits for the device to hang up. */
const CLOSE_MS = 1000;

/** Ctrl-C, Ctrl-Shift-6 and the like, as platforms interrupt with. */
const INTERRUPTS = /[\0-\x09\x0b\x0c\x0e-\x1f]/;

/**
 * A Telnet connection, before any login: that is a dialogue, and the driver's. Nothing of it is secret on the way, and
 * nothing proves who answers. Rejects with a `DeviceError` or the signal's reason, and leaves nothing open then.
 */
export async function connectTelnet(
  target: SshTarget,
  around: SshSurroundings,
  sink: ByteSink,
): Promise<ByteChannel> {
  around.signal.throwIfAborted();
  const socket = await wayTo(target, around);
  return new TelnetChannel({ socket, target, around, sink });
}

interface Parts {
  socket: Duplex;
  target: SshTarget;
  around: SshSurroundings;
  sink: ByteSink;
}

class TelnetChannel implements ByteChannel, TelnetListener {
  readonly #socket: Duplex;
  readonly #around: SshSurroundings;
  readonly #sink: ByteSink;
  readonly #where: string;
  readonly #negotiation: Negotiation;
  readonly #closed = Promise.withResolvers<void>();
  #answers = 0;
  #lost: string | null = null;
  #ended = false;
  /** Bytes written when the device was heard last. */
  #heard = 0;
  /** A key was pressed that may make the device throw output away. */
  #interrupted = false;

  constructor({ socket, target, around, sink }: Parts) {
    this.#socket = socket;
    this.#around = around;
    this.#sink = sink;
    this.#where = place(target.host, target.port);
    this.#negotiation = new Negotiation(LOOK, (bytes) => this.#reply(bytes));
    const decoder = new TelnetDecoder(this);
    if (socket instanceof Socket && target.keepalive > 0) socket.setKeepAlive(true, target.keepalive * 1000);
    socket.on("data", (bytes: Uint8Array) => {
      this.#heard = written(socket);
      decoder.decode(this.#withoutMark(bytes));
    });
    socket.on("error", (error: Error) => {
      // What we wrote after the device had closed says nothing of why it did.
      if (!error.message.includes("EPIPE")) this.#lost ??= printable(error.message);
    });
    socket.once("close", () => this.#end());
    if (socket.destroyed) this.#end();
  }

  get binary(): boolean {
    return this.#negotiation.receivesBinary;
  }

  write(text: string): void {
    this.#assertMayWrite();
    this.#interrupted = INTERRUPTS.test(text);
    this.#socket.write(encodeTyped(text, this.#negotiation.sendsBinary));
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  async close(): Promise<void> {
    if (this.#ended) return;
    const timer = this.#around.clock.after(CLOSE_MS, () => this.destroy());
    this.#socket.resume();
    this.#socket.end();
    await this.#closed.promise;
    timer.cancel();
  }

  /** Where the device owes us an answer, with a reset: what the kernel still holds must not reach it later. */
  destroy(): void {
    const socket = this.#socket;
    if (socket instanceof Socket && written(socket) > this.#heard) socket.resetAndDestroy();
    else socket.destroy();
    this.#end();
  }

  onData(bytes: Uint8Array): void {
    if (!this.#ended) this.#sink.onData(bytes);
  }

  onVerb(verb: Verb, option: number): void {
    if (!this.#ended) this.#negotiation.onVerb(verb, option);
  }

  onSubnegotiation(option: number, bytes: readonly number[]): void {
    if (!this.#ended) this.#negotiation.onSubnegotiation(option, bytes);
  }

  /**
   * A device that throws output away says so by a Synch, IAC DM, one byte of which is urgent data. The kernel keeps that
   * from us, ends what it lets us read before it, and we read on behind it. BSD's server has the IAC urgent, so that a DM
   * is left.
   */
  #withoutMark(bytes: Uint8Array): Uint8Array {
    if (!this.#interrupted || bytes[0] !== DM) return bytes;
    this.#interrupted = false;
    return bytes.subarray(1);
  }

  #reply(bytes: Uint8Array): void {
    this.#answers += 1;
    if (this.#answers > MAX_ANSWERS) {
      this.#lost ??= "it negotiates Telnet options without end";
      return this.destroy();
    }
    try {
      this.#assertMayWrite();
    } catch {
      return; // The connection is destroyed, which tells whoever reads.
    }
    this.#socket.write(bytes);
  }

  /** The one place every byte meant for the device passes. */
  #assertMayWrite(): void {
    if (this.#ended) throw this.#reason();
    try {
      this.#around.guard.assertMayWrite();
    } catch (error) {
      this.destroy();
      throw error;
    }
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#closed.resolve();
    this.#sink.onEnd(this.#reason());
  }

  #reason(): DeviceError {
    const why = this.#lost === null ? "closed the connection" : `was lost: ${this.#lost}`;
    return new DeviceError("ConnectionError", `${this.#where} ${why}`);
  }
}

/** Zero for a tunnel: what has entered the connection to a jump host cannot be taken back. */
function written(socket: Duplex): number {
  return socket instanceof Socket ? socket.bytesWritten : 0;
}
