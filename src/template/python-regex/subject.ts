/** A text to match against, by whole characters as Python counts them; made once for all patterns. */
export class Subject {
  readonly text: string;
  readonly codes: Uint16Array | Uint32Array;

  constructor(text: string) {
    this.text = text;
    this.codes = isAstral(text) ? codePoints(text) : codeUnits(text);
  }

  get length(): number {
    return this.codes.length;
  }

  slice(from: number, to: number): string {
    if (this.codes.length === this.text.length) return this.text.slice(from, to);
    return Array.from(this.codes.subarray(from, to), (code) => String.fromCodePoint(code)).join("");
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

function codePoints(text: string): Uint32Array {
  return Uint32Array.from(Array.from(text, (char) => char.codePointAt(0) ?? 0));
}
