import { hide, MIN_HIDDEN } from "../../src/device/redact.ts";

/** Hides secrets in a stream of text, wherever it is cut into pieces. */
export class SecretFilter {
  readonly #secrets: readonly string[];
  /** End of the text so far, which may be the beginning of a secret. */
  #held = "";

  /** Short ones are left: they occur in ordinary words. */
  constructor(secrets: readonly string[]) {
    this.#secrets = secrets
      .filter((secret) => secret.length >= MIN_HIDDEN)
      .sort((a, b) => b.length - a.length);
  }

  heard(text: string): string {
    if (this.#secrets.length === 0) return text;
    const shown = hide(this.#held + text, this.#secrets);
    const held = Math.max(...this.#secrets.map((secret) => overlap(shown, secret)));
    this.#held = shown.slice(shown.length - held);
    return shown.slice(0, shown.length - held);
  }

  rest(): string {
    const rest = this.#held;
    this.#held = "";
    return rest;
  }
}

/** Length of the longest end of `text` that `secret` begins with. */
function overlap(text: string, secret: string): number {
  for (let length = Math.min(text.length, secret.length - 1); length > 0; length -= 1) {
    if (text.endsWith(secret.slice(0, length))) return length;
  }
  return 0;
}
