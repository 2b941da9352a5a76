/** Behind more lines than this it is no prompt that a message took away. */
const MAX_HELD = 20;
/** Longer lines are data. */
const MAX_LINE = 1024;

/** What devices log to terminals: IOS and its kin (`%FAC-5-NAME:`), Huawei and Comware (`%%01FAC/4/NAME`). */
const LOG =
  /%[A-Z][A-Z0-9_]{1,40}(?:-[A-Z0-9_]{1,40}){0,3}-[0-7]-[A-Z0-9_]{2,64}|%%\d{2}\w{1,40}\/[0-7]\/\w{1,64}/;

/**
 * A log message that comes right behind the prompt makes a finished line of it, and many devices do not write
 * the prompt again. Holds such a line back, and what is logged after it, until it is clear whether output goes on.
 */
export class LostPrompt {
  readonly #promptAt: (line: string) => string | null;
  #prompt: string | null = null;
  #held: string[] = [];

  /** `promptAt`: the prompt of the device, as it was seen before, that a line begins with. */
  constructor(promptAt: (line: string) => string | null) {
    this.#promptAt = promptAt;
  }

  /** The prompt that stands above log messages and nothing else. */
  get found(): string | null {
    return this.#held.some(isLog) ? this.#prompt : null;
  }

  /** Takes whole lines, returns those that are output for sure. */
  filter(text: string): string {
    if (text === "") return "";
    const lines = this.release() + text;
    const from = this.#search(lines);
    if (from === null) return lines;
    this.#held = lines.slice(from).split(/(?<=\n)/);
    return lines.slice(0, from);
  }

  /** It was the prompt: returns the log messages. */
  accept(): string {
    const [first = "", ...logs] = this.#held;
    const behind = first.slice(first.indexOf(this.#prompt ?? "") + (this.#prompt ?? "").length).trim();
    this.#held = [];
    this.#prompt = null;
    return (behind === "" ? "" : `${behind}\n`) + logs.join("");
  }

  /** It was output: returns all of it. */
  release(): string {
    const text = this.#held.join("");
    this.#held = [];
    this.#prompt = null;
    return text;
  }

  /** Where the prompt stands, with nothing but log messages after it: looked for from the end. */
  #search(lines: string): number | null {
    let end = lines.length;
    for (let count = 0; count <= MAX_HELD && end > 0; count++) {
      const start = lines.lastIndexOf("\n", end - 2) + 1;
      if (end - start > MAX_LINE) return null;
      const line = lines.slice(start, end).trim();
      const prompt = this.#promptAt(line);
      const behind = prompt === null ? "" : line.slice(prompt.length);
      if (prompt !== null && (behind === "" || isLog(behind))) {
        this.#prompt = prompt;
        return start;
      }
      if (line !== "" && !isLog(line)) return null;
      end = start;
    }
    return null;
  }
}

function isLog(line: string): boolean {
  return LOG.test(line);
}
