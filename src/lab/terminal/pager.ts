/** How a device asks for the next page, and how it wipes the question away again. */
export interface PagerLook {
  text: string;
  erase: string;
}

/** Lines are written with `\n`; whoever writes turns it into what the terminal needs. */
export interface PagerIo {
  write(text: string): void;
  /** The next key, null when the session is gone. */
  key(): Promise<string | null>;
}

/**
 * Prints lines a page at a time: space for the next page, Enter for one more line, any other key ends
 * the output. `length` is the screen's height in lines; 0 prints everything at once.
 */
export async function page(
  lines: readonly string[],
  length: number,
  look: PagerLook,
  io: PagerIo,
): Promise<void> {
  if (length <= 0) {
    io.write(joined(lines));
    return;
  }
  const screen = Math.max(1, length - 1);
  let from = 0;
  let room = screen;
  while (from < lines.length) {
    io.write(joined(lines.slice(from, from + room)));
    from += room;
    if (from >= lines.length) return;
    room = await more(look, io, screen);
    if (room === 0) return;
  }
}

/** How many lines the person at the keyboard wants to see now. */
async function more(look: PagerLook, io: PagerIo, screen: number): Promise<number> {
  io.write(look.text);
  const key = await io.key();
  io.write(look.erase);
  if (key === " ") return screen;
  return key === "\r" || key === "\n" ? 1 : 0;
}

function joined(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}
