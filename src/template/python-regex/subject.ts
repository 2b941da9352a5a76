/** A text to match against, by whole characters as Python counts them; made once for all patterns. */
export class Subject {
  readonly text: string;
  readonly codes: Uint16Array | Uint32Array;
  /** Where each character begins in the text; null where each is one unit of it. */
  readonly #offsets: Uint32Array | null = null;

  constructor(text: string) {
    this.text = text;
    if (!isAstral(text)) {
      this.codes = codeUnits(text);
      return;
    }
    const { codes, offsets } = codePoints(text);
    this.codes = codes;
    this.#offsets = offsets;
  }

  get length(): number {
    return this.codes.length;
  }

  slice(from: number, to: number): string {
    const offsets = this.#offsets;
    return offsets === null ? this.text.slice(from, to) : this.text.slice(offsets[from], offsets[to]);
  }
}

function isAstral(text: string): boolean {
  return /[\ud800-\udbff][\udc00-\udfff]/.test(text);
}

function codeUnits(text: string): Uint16Array {
  const codes = new Uint16Array(text.length);
  for (let index = 0; index < text.length; index++) codes[index] = text.charCodeAt(index);
  return codes;
}

function codePoints(text: string): { codes: Uint32Array; offsets: Uint32Array } {
  const codes = new Uint32Array(text.length);
  const offsets = new Uint32Array(text.length + 1);
  let count = 0;
  let offset = 0;
  for (const char of text) {
    codes[count] = char.codePointAt(0) ?? 0;
    offsets[count] = offset;
    offset += char.length;
    count++;
  }
  offsets[count] = offset;
  return { codes: codes.subarray(0, count), offsets };
}
