export const MASK = "******";

/** What may stand between a keyword and its secret: how it is written, or the number of its key. */
const FORM =
  "(?:\\d{1,2}|encrypted|encrypted-password|cipher|simple|plain|plain-text|hash|irreversible-cipher|sha256|sha512|md5|ascii|hex|level)";
const FORMS = `(?:${FORM}[ \\t]+){0,4}`;
const VALUE = `(?:"[^"\\n]*"|'[^'\\n]*'|\\S+)`;
const GAP = "(?:[ \\t]*[=:][ \\t]*|[ \\t]+)";

/**
 * Where network operating systems print or expect a secret. Each rule keeps what its first group
 * matches and hides the rest. Linear: every repetition is bounded or of one character class.
 */
const RULES: readonly RegExp[] = [
  // enable secret 9 X · username a password 0 X · plain-text-password-value X · snmp-server community X
  rule(
    `(\\b[\\w-]{0,40}(?:password|passwd|secret|passphrase|community|pre-shared-key|psk|key-string|auth-key|md5-key|authentication-key|message-digest-key|ascii-key|api-key|token)[\\w-]{0,40}${GAP}${FORMS})${VALUE}`,
  ),
  // tacacs-server key 7 X · crypto isakmp key X address …; not: key chain NAME, key 1, crypto key generate
  rule(
    `(\\bkey[ \\t]+(?!chain\\b|generate\\b|zeroize\\b|import\\b|export\\b|\\d{1,10}[ \\t]*$)${FORMS})${VALUE}`,
  ),
  // snmp-server host 192.0.2.1 version 2c X
  rule(
    `(\\bsnmp-server[ \\t]+host[ \\t]+\\S+[ \\t]+(?:(?:informs|traps)[ \\t]+)?(?:version[ \\t]+\\S+[ \\t]+(?:(?:auth|noauth|priv)[ \\t]+)?)?)${VALUE}`,
  ),
  // snmp-server user bob group v3 auth sha X priv aes 128 X
  rule(
    `((?<![\\w-])(?:md5|sha|sha-?(?:224|256|384|512)|des|3des|des56|aes|aes-?(?:128|192|256))[ \\t]+(?:(?:128|192|256)[ \\t]+)?${FORMS})${VALUE}`,
  ),
  // ftp://bob:X@192.0.2.1/file
  rule("(\\b[a-z][a-z0-9+.-]{1,20}://[^\\s:/@]{0,256}:)[^\\s@]+(?=@)"),
  rule("(-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----)[^-]*(?=-----END)"),
];

function rule(source: string): RegExp {
  return new RegExp(source, "gim");
}

/** Values shorter than this occur in ordinary words; masking them would garble more than it hides. */
const MIN_KNOWN = 6;

/**
 * Hides secrets in text that people read (previews, error messages, config output): what stands where a
 * secret is printed or expected, and each of `known` (the request's own secrets) wherever it occurs.
 */
export function maskText(text: string, known: readonly string[] = []): string {
  return RULES.reduce(
    (masked, rule) => masked.replace(rule, (_all, kept: string) => `${kept}${MASK}`),
    maskKnown(text, known),
  );
}

/** Lines that only ask; what follows a keyword there is a topic (`show password policy`), not a secret. */
const QUERY = /^\s*(?:do\s+)?(?:show|display|get|list|dir|ping|traceroute|help)\b/i;

/** A line as it is sent, for previews and as the key of its output: unchanged unless it holds a secret. */
export function maskCommand(line: string, known: readonly string[] = []): string {
  return QUERY.test(line) ? maskKnown(line, known) : maskText(line, known);
}

/** Hides `known` only: for our own words, in which "the host key of …" is no place of a secret. */
export function maskKnown(text: string, known: readonly string[]): string {
  return known.reduce(
    (masked, secret) => (secret.length >= MIN_KNOWN ? masked.replaceAll(secret, MASK) : masked),
    text,
  );
}
