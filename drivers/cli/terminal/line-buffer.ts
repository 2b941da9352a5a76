/**
 * A cell that was erased, or written over with a space: invisible at the end of a line, a space within
 * it. NUL never comes from a device: it is dropped before.
 */
const ERASED = "\0";

/** The width of the terminal we ask for: a longer line goes on in the next row. */
const WIDTH = 511;

/**
 * The line a terminal's cursor is on. Devices repaint it: they move back and overwrite (an echo that
 * scrolls, a pager's `--More--`), so what a line says is only known when it ends.
 */
export class LineBuffer {
  #text = "";
  #column = 0;
  /** The line holds a pager's question, which is not output. */
  #pager = false;
  /** What happened to that line since: anything but the cursor's return, and the cursor at its start. */
  #edited = false;
  #rewound = false;
  /** Whether any cell is erased. */
  #patchy = false;

  get length(): number {
    return this.#text.length;
  }

  /** Whether {@link append} does what {@link print} would. */
  get appendable(): boolean {
    return this.#column === this.#text.length && !this.#pager && !this.#patchy;
  }

  /** What can be seen of the line now. */
  get visible(): string {
    return this.#patchy ? this.#settled() : this.#text;
  }

  append(text: string): void {
    this.#text += text;
    this.#column = this.#text.length;
  }

  /** Writes at the cursor, over what is there. */
  print(text: string): void {
    if (this.appendable) return this.append(text);
    const gap = Math.max(0, this.#column - this.#text.length);
    const covered = this.#pager && isErased(this.#text) ? text.length : this.#text.length - this.#column;
    const written = overErased(text.slice(0, Math.max(0, covered))) + text.slice(Math.max(0, covered));
    const before = gap === 0 ? this.#text.slice(0, this.#column) : this.#text + ERASED.repeat(gap);
    this.#text = before + written + this.#text.slice(this.#column + text.length);
    this.#column += text.length;
    this.#edited = true;
    this.#patchy = true;
  }

  /** Moves the cursor to the start of its row. */
  return(): void {
    this.#column = Math.floor(Math.max(0, this.#column - 1) / WIDTH) * WIDTH;
    this.#rewound = true;
  }

  moveTo(column: number): void {
    this.#column = Math.max(0, Math.min(column, Math.max(WIDTH, this.#column)));
    this.#edited = true;
    this.#rewound ||= this.#column === 0;
  }

  moveBy(cells: number): void {
    this.moveTo(this.#column + cells);
  }

  /** Erases from the cursor to the end of the line. */
  eraseToEnd(): void {
    this.#text = this.#text.slice(0, this.#column);
    this.#edited = true;
  }

  /** Erases from the start of the line to the cursor. */
  eraseToCursor(): void {
    const end = Math.min(this.#column + 1, this.#text.length);
    this.#text = ERASED.repeat(end) + this.#text.slice(end);
    this.#edited = true;
    this.#patchy = true;
  }

  /** Takes `count` characters out at the cursor; what follows moves up. */
  delete(count: number): void {
    this.#text = this.#text.slice(0, this.#column) + this.#text.slice(this.#column + count);
    this.#edited = true;
  }

  /** What stands on the line is a pager's question: erased, whether or not the device erases it. */
  erasePager(): void {
    this.#text = ERASED.repeat(this.#text.length);
    this.#pager = true;
    this.#patchy = true;
    this.#edited = false;
    this.#rewound = false;
  }

  /** Takes the first `count` characters away for good, to keep a line without end from growing. */
  shift(count: number): string {
    const head = this.#text.slice(0, count).replaceAll(ERASED, " ");
    this.#text = this.#text.slice(count);
    this.#column = Math.max(0, this.#column - count);
    return head;
  }

  /** Ends the line and returns it; `null` for one that held a pager's question and nothing else. */
  finish(): string | null {
    const nothing = this.#pager && !this.#edited;
    const line = this.visible;
    this.clear();
    return nothing ? null : line;
  }

  clear(): void {
    this.#text = "";
    this.#column = 0;
    this.#pager = false;
    this.#patchy = false;
    this.#edited = false;
    this.#rewound = false;
  }

  #settled(): string {
    let end = this.#text.length;
    while (end > 0 && this.#text[end - 1] === ERASED) end -= 1;
    let start = 0;
    // Text that goes on behind the pager's question, without returning to the line's start.
    while (this.#pager && !this.#rewound && start < end && this.#text[start] === ERASED) start += 1;
    return this.#text.slice(start, end).replaceAll(ERASED, " ");
  }
}

/** A space over something is how devices erase. */
function overErased(text: string): string {
  return text.replaceAll(" ", ERASED);
}

function isErased(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text[i] !== ERASED) return false;
  return true;
}
