/** As a file opened as text: any line end counts, and none is kept. */
export function templateLines(template: string): string[] {
  const lines = template.split(/\r\n|\r|\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** Python's `str.splitlines`, by which TextFSM takes a text apart. One by one: there may be millions. */
export function* textLines(text: string): Generator<string> {
  const ends = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/g;
  let from = 0;
  for (let end = ends.exec(text); end !== null; end = ends.exec(text)) {
    yield text.slice(from, end.index);
    from = ends.lastIndex;
  }
  if (from < text.length) yield text.slice(from);
}

const SPACE = "[\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const ONE_SPACE = new RegExp(`^${SPACE}$`);
const LEADING = new RegExp(`^${SPACE}+`);

export function isSpace(char: string): boolean {
  return ONE_SPACE.test(char);
}

/** Python's `str.rstrip`. By hand, as a regex would look at each run of blanks again and again. */
export function trimEnd(line: string): string {
  let end = line.length;
  while (end > 0 && isSpace(line.charAt(end - 1))) end--;
  return line.slice(0, end);
}

export function trim(line: string): string {
  return trimEnd(line).replace(LEADING, "");
}

/** A comment of a template. */
export function isComment(line: string): boolean {
  return line.replace(LEADING, "").startsWith("#");
}
