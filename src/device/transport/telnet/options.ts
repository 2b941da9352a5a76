import { DO, DONT, IAC, OPTIONS, SB, SE, type Verb, WILL, WONT } from "./codes.ts";

/** What our end is willing to do. */
const OURS: ReadonlySet<number> = new Set([
  OPTIONS.binary,
  OPTIONS.suppressGoAhead,
  OPTIONS.terminalType,
  OPTIONS.windowSize,
]);
/** What the device may do: it repeats what is typed, we never do. */
const THEIRS: ReadonlySet<number> = new Set([OPTIONS.binary, OPTIONS.echo, OPTIONS.suppressGoAhead]);

const IS = 0;
const SEND = 1;

/** What the device is told of our terminal. */
export interface TerminalLook {
  term: string;
  cols: number;
  rows: number;
}

/**
 * Our side of option negotiation. It never asks for anything: what listens may be no Telnet server but a bare line
 * behind a port, to which an offer would be typed. A change is answered once and what changes nothing never (RFC 1143),
 * so that no loop comes about; only refusals are repeated.
 */
export class Negotiation {
  readonly #look: TerminalLook;
  readonly #send: (bytes: Uint8Array) => void;
  readonly #ours = new Set<number>();
  readonly #theirs = new Set<number>();

  constructor(look: TerminalLook, send: (bytes: Uint8Array) => void) {
    this.#look = look;
    this.#send = send;
  }

  /** Whether what we send is to be taken byte by byte. */
  get sendsBinary(): boolean {
    return this.#ours.has(OPTIONS.binary);
  }

  /** The same for what the device sends. */
  get receivesBinary(): boolean {
    return this.#theirs.has(OPTIONS.binary);
  }

  onVerb(verb: Verb, option: number): void {
    switch (verb) {
      case DO:
        if (this.#turnOn(this.#ours, OURS, option, WILL, WONT)) this.#describe(option);
        return;
      case DONT:
        if (this.#ours.delete(option)) this.#answer(WONT, option);
        return;
      case WILL:
        this.#turnOn(this.#theirs, THEIRS, option, DO, DONT);
        return;
      case WONT:
        if (this.#theirs.delete(option)) this.#answer(DONT, option);
    }
  }

  onSubnegotiation(option: number, [command]: readonly number[]): void {
    if (option !== OPTIONS.terminalType || command !== SEND || !this.#ours.has(option)) return;
    this.#parameters(option, [IS, ...Buffer.from(this.#look.term, "ascii")]);
  }

  /** True when it was off. */
  #turnOn(
    on: Set<number>,
    possible: ReadonlySet<number>,
    option: number,
    agree: Verb,
    refuse: Verb,
  ): boolean {
    if (on.has(option)) return false;
    const agreed = possible.has(option);
    this.#answer(agreed ? agree : refuse, option);
    if (agreed) on.add(option);
    return agreed;
  }

  #describe(option: number): void {
    if (option !== OPTIONS.windowSize) return;
    const { cols, rows } = this.#look;
    this.#parameters(option, [cols >> 8, cols & 255, rows >> 8, rows & 255]);
  }

  #answer(verb: Verb, option: number): void {
    this.#send(Uint8Array.of(IAC, verb, option));
  }

  #parameters(option: number, bytes: readonly number[]): void {
    const escaped = bytes.flatMap((byte) => (byte === IAC ? [IAC, IAC] : [byte]));
    this.#send(Uint8Array.of(IAC, SB, option, ...escaped, IAC, SE));
  }
}
