/** A text to match against, by whole characters as Python counts them; made once for all patterns. */
export class Subject {
  readonly text: string;
  readonly codes: Uint16Array | Uint32Array;
  /** Where each character begins in the text; null where each is one unit of it. */
  readonly #offsets: Uint32Array | null;
  /** Where it begins in `text`, in characters; not 0 for a part. */
  readonly #start: number;

  constructor(text: string);
  constructor(whole: Subject, from: number, to: number);
  constructor(source: string | Subject, from = 0, to = 0) {
    if (typeof source === "string") {
      const { codes, offsets } = isAstral(source)
        ? codePoints(source)
        : { codes: codeUnits(source), offsets: null };
      this.text = source;
      this.codes = codes;
      this.#offsets = offsets;
      this.#start = 0;
    } else {
      this.text = source.text;
      this.codes = source.codes.subarray(from, to);
      this.#offsets = source.#offsets;
      this.#start = source.#start + from;
    }
  }

  /** A part as a text of its own: nothing outside it is seen. Copies nothing. */
  part(from: number, to: number): Subject {
    return new Subject(this, from, to);
  }

  get length(): number {
    return this.codes.length;
  }

  slice(from: number, to: number): string {
    const offsets = this.#offsets;
    const start = this.#start;
    return offsets === null
      ? this.text.slice(start + from, start + to)
      : this.text.slice(offsets[start + from], offsets[start + to]);
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
