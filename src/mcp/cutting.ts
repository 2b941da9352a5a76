/** Characters of what devices printed in one answer. */
export const MAX_TEXT = 24_000;

/** The beginning of a text, never with half a character at its end. */
export function beginning(text: string, length: number): string {
  if (text.length <= length) return text;
  const cut = text.slice(0, Math.max(0, length));
  return isHighSurrogate(cut.charCodeAt(cut.length - 1)) ? cut.slice(0, -1) : cut;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

/** What is left of a number of characters for one answer. */
export class Room {
  left: number;

  constructor(size = MAX_TEXT) {
    this.left = size;
  }

  /** As much of the text as there is room for. */
  take(text: string): string {
    const taken = beginning(text, this.left);
    this.left -= taken.length;
    return taken;
  }

  /** Whether a value fits as JSON; its room is taken then. */
  fits(value: unknown): boolean {
    const size = JSON.stringify(value)?.length ?? 0;
    if (size > this.left) return false;
    this.left -= size;
    return true;
  }
}
