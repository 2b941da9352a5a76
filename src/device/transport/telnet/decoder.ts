import { IAC, isVerb, SB, SE, type Verb } from "./codes.ts";

/** What a Telnet connection says, in the order in which it came. */
export interface TelnetListener {
  /** Bytes are taken as they are, and no longer as a network virtual terminal's. */
  readonly binary: boolean;
  onData(bytes: Uint8Array): void;
  onVerb(verb: Verb, option: number): void;
  onSubnegotiation(option: number, bytes: readonly number[]): void;
}

type State = "data" | "command" | "verb" | "option" | "parameters" | "parameterCommand";

/** Longer parameters are none that we know: they are skipped. */
const MAX_PARAMETERS = 256;
const CR = 13;

/** Parts what comes over a Telnet connection. The result does not depend on how the bytes are cut into chunks. */
export class TelnetDecoder {
  readonly #listener: TelnetListener;
  #state: State = "data";
  #verb: Verb | null = null;
  #option = 0;
  #parameters: number[] = [];
  #tooLong = false;
  #afterReturn = false;

  constructor(listener: TelnetListener) {
    this.#listener = listener;
  }

  /** The array must stay as it is: data is a part of it, where there is nothing to take out. */
  decode(chunk: Uint8Array): void {
    if (this.#isPlain(chunk)) return this.#deliver(chunk);
    let data = new Uint8Array(chunk.length);
    let length = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (this.#state !== "data" || byte === IAC) {
        const plain = this.#take(byte, () => {
          this.#deliver(data.subarray(0, length));
          data = new Uint8Array(chunk.length - at);
          length = 0;
        });
        if (!plain) continue;
      }
      if (!this.#isPadding(byte)) data[length++] = byte;
    }
    this.#deliver(data.subarray(0, length));
  }

  #isPlain(chunk: Uint8Array): boolean {
    return this.#state === "data" && !this.#afterReturn && !chunk.includes(IAC) && !chunk.includes(CR);
  }

  #deliver(data: Uint8Array): void {
    if (data.length > 0) this.#listener.onData(data);
  }

  /** CR NUL is a CR alone. */
  #isPadding(byte: number): boolean {
    const padding = byte === 0 && this.#afterReturn && !this.#listener.binary;
    this.#afterReturn = byte === CR;
    return padding;
  }

  /** True: the byte is data after all. `flush` hands on the data that came before. */
  #take(byte: number, flush: () => void): boolean {
    switch (this.#state) {
      case "data":
        this.#state = "command";
        return false;
      case "command":
        return this.#command(byte);
      case "verb":
        flush();
        this.#state = "data";
        if (this.#verb !== null) this.#listener.onVerb(this.#verb, byte);
        return false;
      case "option":
        this.#option = byte;
        this.#parameters = [];
        this.#tooLong = false;
        this.#state = "parameters";
        return false;
      case "parameters":
        if (byte === IAC) this.#state = "parameterCommand";
        else this.#parameter(byte);
        return false;
      case "parameterCommand":
        return this.#parameterCommand(byte, flush);
    }
  }

  #command(byte: number): boolean {
    this.#state = "data";
    if (isVerb(byte)) {
      this.#verb = byte;
      this.#state = "verb";
    } else if (byte === SB) this.#state = "option";
    // The mark of a Synch is urgent data, which the kernel takes out of the stream: the IAC before it stands alone then.
    return byte === IAC || byte < SE;
  }

  #parameter(byte: number): void {
    if (this.#parameters.length < MAX_PARAMETERS) this.#parameters.push(byte);
    else this.#tooLong = true;
  }

  #parameterCommand(byte: number, flush: () => void): boolean {
    this.#state = "parameters";
    if (byte === IAC) this.#parameter(byte);
    else if (byte === SE) {
      flush();
      this.#state = "data";
      if (!this.#tooLong) this.#listener.onSubnegotiation(this.#option, this.#parameters);
    } else return this.#command(byte); // They were broken off.
    return false;
  }
}
