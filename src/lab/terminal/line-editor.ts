/** Longest line a device takes; what is typed beyond it is refused with a bell. */
export const MAX_LINE = 4096;
const HISTORY = 20;
const BELL = "\x07";

/** What the person typing did last: still typing, or finished the line in one of these ways. */
export type LineEnd = "enter" | "interrupt" | "end" | "eof";

/** What a line being typed may ask the device for. */
export interface LineHelp {
  /** The answer to `?`: candidates, without the prompt that follows. */
  explain(line: string): string;
  /** The answer to Tab: the line with its last word completed, or null if there is no single way. */
  complete(line: string): string | null;
}

export interface LineRules {
  prompt: string;
  /** False for passwords. */
  echo: boolean;
  /** Whether Ctrl-C and Ctrl-Z show as `^C` and `^Z`. */
  showsControl: boolean;
  /** Whether the device paints the line anew when it has ended: then it does not end it here. */
  repaints?: boolean;
  help: LineHelp | null;
  history: string[];
}

/** Lines typed before, newest last. */
export function remember(history: string[], line: string): void {
  if (line.trim() === "" || history.at(-1) === line) return;
  history.push(line);
  if (history.length > HISTORY) history.shift();
}

/**
 * The line a person is typing: takes characters, gives what the device echoes for them. It knows
 * nothing of input or output beyond that.
 */
export class LineEditor {
  readonly #rules: LineRules;
  #line = "";
  #escape = "";
  #back = 0;

  constructor(rules: LineRules) {
    this.#rules = rules;
  }

  get line(): string {
    return this.#line;
  }

  /** Returns how the line ended, or the text to echo while it goes on. */
  type(char: string): LineEnd | { echo: string } {
    if (this.#escape !== "") return { echo: this.#continueEscape(char) };
    switch (char) {
      case "\r":
      case "\n":
        return "enter";
      case "\x03":
        return "interrupt";
      case "\x1a":
        return "end";
      case "\x04":
        return this.#line === "" ? "eof" : { echo: "" };
      default:
        return { echo: this.#edit(char) };
    }
  }

  #edit(char: string): string {
    switch (char) {
      case "\b":
      case "\x7f":
        return this.#cut(1);
      case "\x15":
      case "\x18":
        return this.#cut(this.#line.length);
      case "\x17":
        return this.#cut(this.#line.length - this.#line.trimEnd().replace(/\S+$/, "").length);
      case "\x10":
        return this.#recall(1);
      case "\x0e":
        return this.#recall(-1);
      case "\x1b":
        this.#escape = char;
        return "";
      case "\t":
        return this.#complete();
      case "?":
        return this.#explain();
      default:
        return this.#insert(char);
    }
  }

  #insert(char: string): string {
    if (char < " ") return "";
    if (this.#line.length + char.length > MAX_LINE) return BELL;
    this.#line += char;
    return this.#rules.echo ? char : "";
  }

  #cut(count: number): string {
    const cut = Math.min(count, this.#line.length);
    this.#line = this.#line.slice(0, this.#line.length - cut);
    return this.#rules.echo ? "\b \b".repeat(cut) : "";
  }

  #replace(text: string): string {
    const erased = this.#cut(this.#line.length);
    this.#line = text;
    return this.#rules.echo ? erased + text : "";
  }

  #recall(step: number): string {
    const { history, echo } = this.#rules;
    const wanted = this.#back + step;
    if (!echo || wanted < 0 || wanted > history.length) return BELL;
    this.#back = wanted;
    return this.#replace(history.at(-wanted) ?? "");
  }

  #complete(): string {
    if (!this.#rules.help || !this.#rules.echo) return "";
    const completed = this.#rules.help.complete(this.#line);
    if (completed === null || completed.length > MAX_LINE) return BELL;
    const added = completed.startsWith(this.#line) ? completed.slice(this.#line.length) : null;
    if (added === null) return this.#replace(completed);
    this.#line = completed;
    return added;
  }

  /** `?` answers at once and leaves the line as it stands. */
  #explain(): string {
    const { help, echo, prompt } = this.#rules;
    if (!help || !echo) return this.#insert("?");
    const text = help.explain(this.#line).replaceAll("\n", "\r\n");
    return `?\r\n${text}\r\n${prompt}${this.#line}`;
  }

  /** Arrow keys: up and down recall lines, the others are swallowed. */
  #continueEscape(char: string): string {
    this.#escape += char;
    if (this.#escape.length === 2 && (char === "[" || char === "O")) return "";
    if (this.#escape.length < 16 && this.#escape.length > 2 && char >= " " && char < "@") return "";
    this.#escape = "";
    if (char === "A") return this.#recall(1);
    if (char === "B") return this.#recall(-1);
    return "";
  }
}
