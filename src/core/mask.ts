export const MASK = "******";

/** What may stand between a keyword and its secret: how it is written, or the number of its key. */
const FORM =
  "(?:\\d{1,2}|encrypted|encrypted-password|cipher|ciphertext|plaintext|simple|plain|plain-text|ascii-text|hash|irreversible-cipher|sha256|sha512|scrypt|pbkdf2|md5|ascii|hex|hexadecimal|level|type|clear|password|set-key|local|remote|ENC)";
const FORMS = `(?:${FORM}[ \\t]+){0,4}`;
const VALUE = `(?:"[^"\\n]*"|'[^'\\n]*'|\\S+)`;
const GAP = "(?:[ \\t]*[=:][ \\t]*|[ \\t]+)";

/**
 * Where network operating systems print or expect a secret. Each rule keeps what its first group
 * matches and hides the rest. Linear: every repetition is bounded or of one character class.
 */
const RULES: readonly RegExp[] = [
  // snmp-agent community read cipher X
  rule(`(\\bcommunity[ \\t]+(?:read|write)[ \\t]+(?:(?:cipher|simple)[ \\t]+)?)${VALUE}`),
  // enable secret 9 X · username a password 0 X · plain-text-password-value X · snmp-server community X; what stands
  // before the keyword in its word is kept anyway, and looking for its beginning would cost much for each character
  rule(
    `((?:password|passwd|secret|passphrase|community|pre-shared-key|psk|key-string|auth-key|md5-key|authentication-key|message-digest-key|ascii-key|api-key|private-key|shared-key|encryption-key|wep-key|phash|auth-pass|token)[\\w-]{0,40}${GAP}(?!(?:read|write)[ \\t])${FORMS})${VALUE}`,
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
  // snmp-server user bob network-admin auth md5 0x1234 priv 0x5678 localizedkey
  rule("(\\bpriv[ \\t]+)0x[0-9a-f]{8,256}"),
  // standby 1 authentication text X · vrrp 1 authentication X
  rule(
    `(\\b(?:standby|vrrp|glbp)[ \\t]+(?:\\d{1,4}[ \\t]+)?authentication[ \\t]+(?!md5\\b)(?:text[ \\t]+)?)${VALUE}`,
  ),
  // ospf authentication-mode md5 1 cipher X
  rule(
    `(\\bauthentication-mode[ \\t]+[\\w-]{1,40}[ \\t]+(?:\\d{1,3}[ \\t]+)?(?:plain|cipher)[ \\t]+)${VALUE}`,
  ),
  // <password>X</password>
  rule(
    "(<(?:phash|password|passwd|secret|key|private-key|pre-shared-key|passphrase|community|snmp-community-string|authpwd|privpwd)>)[^<\\n]+",
  ),
  // {"password": "X"}
  rule(
    '("[\\w -]{0,40}(?:password|passwd|secret|passphrase|community|private[_-]?key|psk)[\\w-]{0,20}"[ \\t]*:[ \\t]*")(?:[^"\\\\\\n]|\\\\.)+(?=")',
  ),
  // What is written like a hash or a reversible secret, whatever stands before it: $6$salt$hash, "$9$abc", %^%#abc%^%#, ENC abc
  rule(
    '()\\$(?:[1-9]|14|2[abxy]?|[hc]\\$\\d{1,2}|sha\\d{1,3}|pbkdf2[\\w-]{0,20}|scrypt|argon2\\w{0,2}|ml|y)\\$[^\\s";,<]{4,}',
  ),
  rule("()%(?:\\^%#|@%@|\\$%\\$|#%#)[^\\s]{4,}"),
  rule('(\\bENC[ \\t]+)[^\\s"*]{8,}'),
  // "X"; ## SECRET-DATA; from where a word begins, or each of its characters would look ahead
  rule('()(?<![^\\s";])(?:"[^"\\n]*"|[^\\s";]+)(?=;?[ \\t]{0,40}## SECRET-DATA)'),
  // ftp://bob:X@192.0.2.1/file
  rule("(\\b[a-z][a-z0-9+.-]{1,20}://[^\\s:/@]{0,256}:)[^\\s@]{1,256}(?=@)"),
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
