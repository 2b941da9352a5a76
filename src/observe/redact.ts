import { MASK, maskText } from "../core/mask.ts";

/** A property of JSON text whose name says that it holds a secret. */
const JSON_SECRET =
  /("(?:[a-z_-]*(?:password|passwd|secret|passphrase|community|token|api[_-]?key|private[_-]?key))"\s*:\s*)"(?:[^"\\]|\\.)*"?/gi;
const AUTHORIZATION = /\b(bearer|basic)\s+[\w.~+/=-]{16,}/gi;
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;

/** Hides what looks like a secret in text that is logged, and each of `known` wherever it occurs. */
export function redact(text: string, known: readonly string[]): string {
  const plain = text
    .replace(PRIVATE_KEY, MASK)
    .replace(JSON_SECRET, `$1"${MASK}"`)
    .replace(AUTHORIZATION, `$1 ${MASK}`);
  return maskText(plain, known);
}
