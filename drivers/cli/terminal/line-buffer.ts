/**
 * A cell that was erased, or written over with a space: invisible at the end of a line, a space within
 * it. NUL never comes from a device: it is dropped before.
 */
const ERASED = "\0";

/** The width of the terminal we ask for: a longer line goes on in the next row. */
const WIDTH = 511;

/** How far the cursor can go back into what was taken away. */
const MAX_BEFORE = 2 * WIDTH;

/**
 * The line a terminal's cursor is on. Devices repaint it: they move back and overwrite (an echo that
 * scrolls, a pager's `--More--`), so what a line says is only known when it ends.
 */
export class LineBuffer {
  #text = "";
  /** The cursor, counted from the start of `#text`. */
  #column = 0;
  /** Columns before `#text` that were taken away: they still count for where a row ends. */
  #origin = 0;
  /** The line holds a pager's question, which is not output. */
  #pager = false;
  /** Something was done to that line since, other than returning to its start. */
  #edited = false;
  /** Text was put behind the question, where it stood. */
  #goesOn = false;
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
    if (this.#pager) this.#editPager(text);
    const gap = Math.max(0, this.#column - this.#text.length);
    const covered = this.#pager && isErased(this.#text) ? text.length : this.#text.length - this.#column;
    const written = overErased(text.slice(0, Math.max(0, covered))) + text.slice(Math.max(0, covered));
    const before = gap === 0 ? this.#text.slice(0, this.#column) : this.#text + ERASED.repeat(gap);
    this.#text = before + written + this.#text.slice(this.#column + text.length);
    this.#column += text.length;
    this.#patchy = true;
  }

  /** Moves the cursor to the start of its row. */
  return(): void {
    // Behind the last cell of a row the cursor still belongs to that row.
    const behind = Math.max(0, this.#origin + this.#column - 1);
    this.#place(behind - (behind % WIDTH));
  }

  /** Moves the cursor to a column of its row. */
  moveTo(column: number): void {
    this.return();
    this.moveBy(Math.min(column, WIDTH));
  }

  moveBy(cells: number): void {
    const column = this.#origin + this.#column;
    this.#place(Math.max(0, Math.min(column + cells, Math.max(WIDTH, column))));
    this.#edited = true;
  }

  moveUp(rows: number): void {
    this.moveBy(-rows * WIDTH);
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
    this.#goesOn = false;
  }

  /** Takes the first `count` characters away for good, to keep a line without end from growing. */
  shift(count: number): string {
    const head = this.#text.slice(0, count).replaceAll(ERASED, " ");
    this.#text = this.#text.slice(count);
    this.#column -= count;
    this.#origin += count;
    this.#place(this.#origin + this.#column);
    return head;
  }

  /** Takes the whole line away, but not the cursor: what follows stands behind a prompt on the screen. */
  drop(): void {
    const column = this.#origin + this.#column;
    this.#clear();
    this.#origin = column;
  }

  /** Ends the line and returns it; `null` for one that held a pager's question and nothing else. */
  finish(): string | null {
    const nothing = this.#pager && !this.#edited;
    const line = this.visible;
    this.#clear();
    return nothing ? null : line;
  }

  #clear(): void {
    this.#text = "";
    this.#column = 0;
    this.#origin = 0;
    this.#pager = false;
    this.#patchy = false;
    this.#edited = false;
    this.#goesOn = false;
  }

  /** Something is written on a line that holds a pager's question. */
  #editPager(text: string): void {
    const behind = this.#column >= this.#text.length && !this.#edited;
    // The question may come with spaces behind it.
    if (behind && text.trim() === "") return;
    this.#goesOn ||= behind;
    this.#edited = true;
  }

  /** Puts the cursor on a column of the screen; where the line was taken away it is shown as erased. */
  #place(wanted: number): void {
    const column = Math.max(wanted, this.#origin - MAX_BEFORE);
    const missing = Math.max(0, this.#origin - column);
    if (missing > 0 && this.#text !== "") {
      this.#text = ERASED.repeat(missing) + this.#text;
      this.#patchy = true;
    }
    this.#origin -= missing;
    this.#column = column - this.#origin;
  }

  #settled(): string {
    let end = this.#text.length;
    while (end > 0 && this.#text[end - 1] === ERASED) end -= 1;
    let start = 0;
    while (this.#goesOn && start < end && this.#text[start] === ERASED) start += 1;
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
