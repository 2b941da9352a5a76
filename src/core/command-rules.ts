/**
 * Which lines may be sent to devices. A pattern is written like a line: its words are compared one by one, `*` stands
 * for any characters of a word, and as the last word for all the words that may follow. Lists are judged so that doubt
 * refuses: an allow pattern fits the whole line or not at all, a deny pattern everything that might be meant by it.
 */
export interface CommandRules {
  /** null: any line. */
  allow: readonly string[] | null;
  deny: readonly string[];
}

/** Where a line is going. */
export interface LineUse {
  /** A shell reads it, to which one and the same command can be spelled in any number of ways. */
  shell?: boolean;
}

/** Why a line may not be sent, in words that complete "the line …"; null when it may. Costs as much as it is long. */
export type LineJudge = (line: string, use?: LineUse) => string | null;

/** Patterns of a list at most, and characters of one: what bounds the work for a line. */
export const MAX_PATTERNS = 100;
export const MAX_PATTERN = 200;

/** With these a line runs, substitutes or redirects more than its first words say, on one platform or another. */
const SPECIAL = /[;&|<>(){}[\]$`"'\\?]/;
const SEPARATORS = /([;&|<>(){}[\]$`])/g;
/** Quotes; and `?`, at which many devices print help and go on with the line as if it were not there. */
const DROPPED = /["'\\?]/g;
/** Devices that know seven bits take other characters for ones that they are not, a line break among them. */
const PLAIN = /^[\x20-\x7e]*$/;
/** Places in a line where a command may begin: more than people write, and each is to be judged. */
const MAX_STARTS = 32;
/** Words before a command that change where it is run, not what it is. */
const WRAPPERS = ["do", "run", "exec", "sudo"];

export function lineJudge({ allow, deny }: CommandRules): LineJudge {
  const allowed = allow?.map(allowPattern) ?? null;
  const denied = deny.map(
    (pattern) => [words(pattern.toLowerCase()), tokens(pattern.toLowerCase())] as const,
  );
  const limited = allowed !== null || denied.length > 0;
  return (line, { shell = false } = {}) => {
    if (!limited || line === "") return null;
    if (!PLAIN.test(line)) return "holds a line break, or another character that is no printable ASCII";
    if (shell && allowed === null) return "goes to a shell, where a deny list holds nothing back";
    if (denied.length > 0 && isDenied(line, denied)) return "is denied";
    if (allowed !== null && !allowed.some((fits) => fits(line))) return "is not among those allowed";
    return null;
  };
}

/** What is wrong with a pattern; null: nothing. */
export function patternProblem(pattern: string): string | null {
  if (pattern.trim() === "") return "is empty";
  if (pattern.length > MAX_PATTERN) return `is longer than ${MAX_PATTERN} characters`;
  return PLAIN.test(pattern) ? null : "holds a character that is no printable ASCII";
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

/** Words, and what may part commands as words of their own. */
function tokens(text: string): string[] {
  return words(text.replace(SEPARATORS, " $1 "));
}

/** Parts between pipes are matched one by one: nothing stands for a pipe but a pipe. */
function allowPattern(pattern: string): (line: string) => boolean {
  const parts = pattern.split("|").map(words);
  return (line) => {
    const given = line.split("|").map(words);
    return given.length === parts.length && parts.every((part, n) => fitsWhole(part, given[n] ?? []));
  };
}

function fitsWhole(pattern: readonly string[], line: readonly string[]): boolean {
  const open = pattern.at(-1) === "*";
  const fixed = open ? pattern.slice(0, -1) : pattern;
  if (open ? line.length < fixed.length : line.length !== fixed.length) return false;
  if (!line.slice(fixed.length).every((word) => !SPECIAL.test(word))) return false;
  return fixed.every((word, n) => fitsWord(word, line[n] ?? ""));
}

/** The first place that fits is taken for each piece, so that it costs no search; what a star covers is ordinary. */
function fitsWord(pattern: string, word: string): boolean {
  const [head = "", ...pieces] = pattern.split("*");
  if (pieces.length === 0) return word === pattern;
  const tail = pieces.pop() ?? "";
  const end = word.length - tail.length;
  if (!word.startsWith(head) || !word.endsWith(tail) || end < head.length) return false;
  let at = head.length;
  for (const piece of pieces) {
    const found = word.indexOf(piece, at);
    if (found < 0 || found + piece.length > end || SPECIAL.test(word.slice(at, found))) return false;
    at = found + piece.length;
  }
  return !SPECIAL.test(word.slice(at, end));
}

type DenyPattern = readonly [plain: string[], parted: string[]];

/** As it is written, and as a device reads it that drops some characters; parted by blanks alone, and by all that may part commands. */
function isDenied(line: string, patterns: readonly DenyPattern[]): boolean {
  const lower = line.toLowerCase();
  return [lower, lower.replace(DROPPED, "")].some((text) => {
    const plain = words(text);
    const parted = tokens(text);
    const plainStarts = startsOf(plain, [0]);
    const behind = parted.flatMap((each, n) => (isSeparator(each) ? [n + 1] : []));
    const partedStarts = startsOf(parted, [0, ...behind]);
    if (plainStarts.length + partedStarts.length > MAX_STARTS) return true;
    return patterns.some(
      ([words, tokens]) =>
        plainStarts.some((start) => mayMean(words, plain, start)) ||
        partedStarts.some((start) => mayMean(tokens, parted, start)),
    );
  });
}

function isSeparator(token: string): boolean {
  return token.length === 1 && SPECIAL.test(token);
}

/** Where a command may begin: at these places, and behind a wrapper that stands there. */
function startsOf(line: readonly string[], places: readonly number[]): number[] {
  const starts: number[] = [];
  for (const place of places) {
    let start = place;
    for (starts.push(start); isWrapper(line[start]); starts.push(start)) start += 1;
  }
  return starts;
}

function isWrapper(word: string | undefined): boolean {
  return word !== undefined && WRAPPERS.some((wrapper) => wrapper.startsWith(word));
}

/**
 * Devices take a word cut short, and a pattern may be cut short itself: a word is meant by the other when either begins
 * with the other. What a star stands for may be all the rest of a word that was cut. More words may follow.
 */
function mayMean(pattern: readonly string[], line: readonly string[], start: number): boolean {
  const fixed = pattern.at(-1) === "*" ? pattern.length - 1 : pattern.length;
  if (line.length - start < fixed) return false;
  for (let n = 0; n < fixed; n++) {
    const [head = ""] = (pattern[n] ?? "").split("*", 1);
    const word = line[start + n] ?? "";
    if (!word.startsWith(head) && !head.startsWith(word)) return false;
  }
  return true;
}
