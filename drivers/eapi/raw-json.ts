/** Bytes looked at before others get their turn: under a millisecond. */
const AT_ONCE = 256 * 1024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPENING = new Set([0x7b, 0x5b]);
const CLOSING = new Set([0x7d, 0x5d]);

/** What stands at the top of an object, as it was written: numbers keep all their digits, and keys their order. */
export interface RawObject {
  /** Of members that are arrays: each entry. Of others one entry, the member. */
  readonly members: ReadonlyMap<string, readonly string[]>;
}

/**
 * Parts the top of a JSON object without making values of what is in it, and without holding others up. `null` for
 * what is no object; what is within a member is not judged.
 */
export async function readObject(bytes: Uint8Array): Promise<RawObject | null> {
  const scanner = new Scanner(bytes);
  for (let at = 0; at < bytes.length; at += AT_ONCE) {
    if (at > 0) await new Promise<void>((resolve) => setImmediate(resolve));
    scanner.scan(at, Math.min(at + AT_ONCE, bytes.length));
  }
  return scanner.result();
}

class Scanner {
  readonly #bytes: Uint8Array;
  readonly #members = new Map<string, string[]>();
  #depth = 0;
  #inString = false;
  #escaped = false;
  #broken = false;
  #over = false;
  /** Where the member, or the entry of an array that is a member, began. */
  #from = 0;
  #key: string | null = null;
  #isArray = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  scan(from: number, to: number): void {
    for (let at = from; at < to && !this.#broken; at++) {
      const byte = this.#bytes[at] ?? 0;
      if (this.#inString) this.#inside(byte);
      else if (byte === QUOTE) this.#inString = true;
      else if (OPENING.has(byte)) this.#open(byte, at);
      else if (CLOSING.has(byte)) this.#close(at);
      else if (byte === COMMA) this.#separate(at);
      else if (byte === 0x3a && this.#depth === 1 && this.#key === null) this.#name(at);
    }
  }

  result(): RawObject | null {
    return this.#over && !this.#broken ? { members: this.#members } : null;
  }

  #inside(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#inString = false;
  }

  #open(byte: number, at: number): void {
    if (this.#over || (this.#depth === 0 && byte !== 0x7b)) this.#broken = true;
    this.#depth += 1;
    if (this.#depth === 1) this.#from = at + 1;
    if (this.#depth !== 2 || byte !== 0x5b) return;
    this.#isArray = true;
    this.#from = at + 1;
  }

  #close(at: number): void {
    if (this.#depth === 2 && this.#isArray) {
      this.#keep(at);
      this.#isArray = false;
      // What is left until the next comma is nothing.
      this.#from = at + 1;
    } else if (this.#depth === 1) {
      this.#keep(at);
      this.#over = true;
    }
    this.#depth -= 1;
    if (this.#depth < 0) this.#broken = true;
  }

  #separate(at: number): void {
    if (this.#depth === 2 && this.#isArray) {
      this.#keep(at);
      this.#from = at + 1;
    } else if (this.#depth === 1) {
      this.#keep(at);
      this.#key = null;
      this.#from = at + 1;
    }
  }

  #name(at: number): void {
    const name: unknown = parsed(this.#text(at));
    if (typeof name !== "string") {
      this.#broken = true;
      return;
    }
    this.#key = name;
    this.#members.set(name, []);
    this.#from = at + 1;
  }

  #keep(at: number): void {
    const text = this.#text(at);
    if (text !== "" && this.#key !== null) this.#members.get(this.#key)?.push(text);
  }

  #text(to: number): string {
    return Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + this.#from, to - this.#from)
      .toString("utf8")
      .trim();
  }
}

/** `undefined` for what is no JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
