import { RegexSyntaxError } from "./errors.ts";

/** Reads a pattern in Python's tokens: a character, or a backslash with the one after it. */
export class Cursor {
  readonly #chars: readonly string[];
  #index = 0;
  /** Null at the end. */
  next: string | null = null;

  constructor(pattern: string) {
    this.#chars = Array.from(pattern);
    this.#advance();
  }

  /** Where `next` begins. */
  get position(): number {
    return this.#index - (this.next === null ? 0 : this.next.startsWith("\\") ? 2 : 1);
  }

  take(): string | null {
    const taken = this.next;
    this.#advance();
    return taken;
  }

  /** Takes `token` if it is next. */
  accept(token: string): boolean {
    if (this.next !== token) return false;
    this.#advance();
    return true;
  }

  takeWhile(most: number, allowed: RegExp): string {
    let taken = "";
    for (let count = 0; count < most && this.next !== null && allowed.test(this.next); count++) {
      taken += this.take();
    }
    return taken;
  }

  takeUntil(end: string, what: string): string {
    const from = this.position;
    let taken = "";
    while (!this.accept(end)) {
      const token = this.take();
      if (token === null) throw new RegexSyntaxError(`missing ${end}, unterminated ${what}`, from);
      taken += token;
    }
    if (taken === "") throw new RegexSyntaxError(`missing ${what}`, from);
    return taken;
  }

  seek(position: number): void {
    this.#index = position;
    this.#advance();
  }

  fail(reason: string, position = this.position): never {
    throw new RegexSyntaxError(reason, position);
  }

  #advance(): void {
    const char = this.#chars[this.#index];
    if (char === undefined) {
      this.next = null;
      return;
    }
    const escaped = char === "\\" ? this.#chars[this.#index + 1] : "";
    if (escaped === undefined) throw new RegexSyntaxError("bad escape (end of pattern)", this.#index);
    this.next = char + escaped;
    this.#index += this.next === char ? 1 : 2;
  }
}
