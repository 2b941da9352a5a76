import { MASK, maskCommand, maskText } from "../core/mask.ts";

/** Shorter values are no secrets worth garbling every text for. */
const MIN_SECRET = 3;

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
  const hide = (text: string) => known.reduce((rest, secret) => rest.replaceAll(secret, MASK), text);
  return { text: (text) => maskText(hide(text)), line: (line) => maskCommand(hide(line)) };
}
