import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import type { Screen } from "../stream-line.ts";

const IAC = 0xff;
const SE = 0xf0;
const SB = 0xfa;
const WILL = 0xfb;
const DONT = 0xfe;
const DO = 0xfd;

const ECHO = 1;
const SUPPRESS_GO_AHEAD = 3;
const TERMINAL_TYPE = 24;
const WINDOW_SIZE = 31;

/** What a device that echoes and edits lines itself opens with. */
const OFFERS = [
  [WILL, ECHO],
  [WILL, SUPPRESS_GO_AHEAD],
  [DO, TERMINAL_TYPE],
  [DO, WINDOW_SIZE],
] as const;

/** Parameters of an option beyond this are not kept. */
const MAX_PARAMETERS = 64;

/** The device's end of a Telnet connection (RFC 854): what is read and written is the session's, without the protocol. */
export class TelnetStream extends Duplex {
  readonly screen: Screen = { rows: 24 };
  readonly #socket: Socket;
  /** The bytes of a command that is not complete. */
  #command: number[] = [];
  #afterReturn = false;

  constructor(socket: Socket) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
    socket.on("data", (bytes: Buffer) => this.#receive(bytes));
    socket.once("end", () => this.push(null));
    socket.once("close", () => this.destroy());
  }

  /** Sends what the device wants of the other side. */
  open(): void {
    for (const [verb, option] of OFFERS) this.#socket.write(Uint8Array.of(IAC, verb, option));
    this.#socket.write(Uint8Array.of(IAC, SB, TERMINAL_TYPE, 1, IAC, SE));
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    if (this.#socket.write(escaped(bytes))) done();
    else this.#socket.once("drain", done);
  }

  override _final(done: () => void): void {
    this.#socket.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  #receive(bytes: Buffer): void {
    const data = [...bytes].filter((byte) => this.#isData(byte));
    if (data.length > 0 && !this.push(Buffer.from(data))) this.#socket.pause();
  }

  #isData(byte: number): boolean {
    if (this.#command.length > 0) return this.#continue(byte);
    if (byte === IAC) this.#command = [IAC];
    else if (!this.#isPadding(byte)) return true;
    return false;
  }

  #isPadding(byte: number): boolean {
    const padding = byte === 0 && this.#afterReturn;
    this.#afterReturn = byte === 0x0d;
    return padding;
  }

  /** True for a byte of 255 that was doubled. */
  #continue(byte: number): boolean {
    const [, command = byte] = this.#command;
    if (this.#command.length === 1 && byte === IAC) {
      this.#command = [];
      return true;
    }
    if (this.#command.length <= MAX_PARAMETERS) this.#command.push(byte);
    if (command === SB) this.#endParameters(byte);
    else if (command < WILL || command > DONT || this.#command.length === 3) this.#command = [];
    return false;
  }

  #previous = 0;

  #endParameters(byte: number): void {
    const ends = this.#previous === IAC && byte === SE;
    // A doubled 255 is one byte, and begins no end.
    this.#previous = this.#previous === IAC && byte === IAC ? 0 : byte;
    if (!ends) return;
    const [, , option, ...parameters] = this.#command;
    const [, , high = 0, low = 0] = parameters;
    if (option === WINDOW_SIZE) this.screen.rows = high * 256 + low;
    this.#command = [];
  }
}

/** A byte of 255 is doubled, and a CR that ends no line followed by NUL. */
function escaped(bytes: Buffer): Buffer {
  if (!bytes.includes(IAC) && !bytes.includes(0x0d)) return bytes;
  const out = [...bytes].flatMap((byte, at) => {
    if (byte === IAC) return [IAC, IAC];
    return byte === 0x0d && at + 1 < bytes.length && bytes[at + 1] !== 0x0a ? [0x0d, 0] : [byte];
  });
  return Buffer.from(out);
}
