import { MASK, maskCommand, maskText } from "../core/mask.ts";

/** Shorter values are no secrets worth garbling every text for. */
const MIN_SECRET = 3;

/** The same for what a host prints, of which more is ordinary words. */
export const MIN_HIDDEN = 6;

/** Hides a session's secrets in text that goes into errors. */
export interface Redactor {
  /** For what a device printed. */
  text(text: string): string;
  /** For a line that was sent. */
  line(line: string): string;
}

/** `secrets`: the connection's passwords and keys. Short ones are hidden too: errors may be garbled. */
export function redactor(secrets: readonly (string | undefined)[]): Redactor {
  const known = secrets.filter((secret) => secret !== undefined && secret.length >= MIN_SECRET) as string[];
  const hidden = (text: string) => hide(text, known);
  return { text: (text) => maskText(hidden(text)), line: (line) => maskCommand(hidden(line)) };
}

/** Each of `secrets` wherever it occurs. */
export function hide(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, MASK), text);
}
