export const MASK = "******";

/**
 * Words after which network operating systems print or expect a secret, with the hash type or key
 * number that may stand between. Linear: no nested quantifier, every part bounded by white space.
 */
const KEYWORD =
  /\b(password|passwd|secret|passphrase|community|pre-shared-key|psk|key-string|auth-key|md5-key|authentication-key|ascii-key|wpa-psk|api-key|token)([ \t]*[=:][ \t]*|[ \t]+)((?:(?:\d{1,2}|encrypted|cipher|simple|plain|hash|irreversible-cipher|sha256|sha512|md5|encrypted-password|ascii|hex|level)[ \t]+){0,4})("[^"\n]*"|'[^'\n]*'|[^\s]+)/gi;

/** Values shorter than this occur in ordinary words; masking them would garble more than it hides. */
const MIN_KNOWN = 6;

/**
 * Hides secrets in text that people read (previews, error messages, config output): what follows a
 * secret's keyword, and each of `known` (the request's own secrets) wherever it occurs.
 */
export function maskText(text: string, known: readonly string[] = []): string {
  return maskKnown(text, known).replace(
    KEYWORD,
    (_all, word: string, gap: string, type: string) => `${word}${gap}${type}${MASK}`,
  );
}

/** Lines that only ask; what follows a keyword there is a topic (`show password policy`), not a secret. */
const QUERY = /^\s*(?:do\s+)?(?:show|display|get|list|dir|ping|traceroute|help)\b/i;

/** A line as it is sent, for previews and as the key of its output: unchanged unless it holds a secret. */
export function maskCommand(line: string, known: readonly string[] = []): string {
  return QUERY.test(line) ? maskKnown(line, known) : maskText(line, known);
}

function maskKnown(text: string, known: readonly string[]): string {
  let masked = text;
  for (const secret of known) {
    if (secret.length >= MIN_KNOWN) masked = masked.replaceAll(secret, MASK);
  }
  return masked;
}

/** Every string inside `value`, at any depth up to 16. */
export function stringsIn(value: unknown, depth = 0): string[] {
  if (typeof value === "string") return [value];
  if (value === null || typeof value !== "object" || depth > 16) return [];
  return Object.values(value).flatMap((inner) => stringsIn(inner, depth + 1));
}
