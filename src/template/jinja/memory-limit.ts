const HEADER = 8;
const MEMORY_SECTION = 5;
const HAS_MAXIMUM = 1;
export const PAGE = 64 * 1024;

/**
 * The same WebAssembly module with a most for its memory, which the module itself leaves open: what would grow beyond it
 * fails inside, at once, where a process that is watched from outside may have taken gigabytes between two looks.
 */
export function withMemoryLimit(wasm: Uint8Array, pages: number): Uint8Array<ArrayBuffer> {
  for (const { id, from, body, to } of sections(wasm)) {
    if (id !== MEMORY_SECTION) continue;
    const limits = new Reader(wasm, body);
    const [count, flags, least] = [limits.number(), limits.number(), limits.number()];
    if (count !== 1 || flags !== 0) break;
    const content = [...encoded(count), HAS_MAXIMUM, ...encoded(least), ...encoded(pages)];
    const section = [MEMORY_SECTION, ...encoded(content.length), ...content];
    return new Uint8Array([...wasm.subarray(0, from), ...section, ...wasm.subarray(to)]);
  }
  throw new Error("the WebAssembly module has no memory of its own without a limit");
}

interface Section {
  id: number;
  from: number;
  body: number;
  to: number;
}

function* sections(wasm: Uint8Array): Generator<Section> {
  for (let from = HEADER; from < wasm.length; ) {
    const reader = new Reader(wasm, from);
    const id = reader.number();
    const size = reader.number();
    const to = reader.at + size;
    yield { id, from, body: reader.at, to };
    from = to;
  }
}

/** Numbers as WebAssembly writes them: seven bits a byte, the lowest first. */
class Reader {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  number(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes[this.at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }
}

function encoded(number: number): number[] {
  const low = number % 128;
  const rest = Math.floor(number / 128);
  return rest === 0 ? [low] : [low | 0x80, ...encoded(rest)];
}
