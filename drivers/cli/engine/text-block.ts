import type { TextBlock } from "../platform.ts";

/**
 * Where a line of configuration stands in a text of several lines: the device shows no prompt before the text is
 * ended. The line that ends it is like any other.
 */
export type InText = "begins" | "goes on";

interface Open {
  /** The line that began it, counted from 0. */
  line: number;
  isLast(line: string): boolean;
  /** What other software takes for its end already. */
  doubtful: RegExp | null;
}

export interface TextLines {
  /** By the lines' places. */
  places: (InText | undefined)[];
  /** A text that no line ends. */
  unended: number | null;
  /** A line of a text that some devices end it with and others do not. */
  doubtful: number | null;
}

/** Which of the lines stand in a text. */
export function textLines(lines: readonly string[], blocks: readonly TextBlock[]): TextLines {
  const places: TextLines["places"] = [];
  let doubtful: number | null = null;
  let open: Open | null = null;
  for (const [index, line] of lines.entries()) {
    if (open === null) {
      open = begun(line, index, blocks);
      places.push(open === null ? undefined : "begins");
    } else if (open.isLast(line)) {
      open = null;
      places.push(undefined);
    } else {
      if (open.doubtful?.test(line)) doubtful ??= index;
      places.push("goes on");
    }
  }
  return { places, unended: open?.line ?? null, doubtful };
}

function begun(line: string, index: number, blocks: readonly TextBlock[]): Open | null {
  for (const { begins, ends } of blocks) {
    const found = begins.exec(line);
    if (found === null) continue;
    if (ends !== null) return { line: index, isLast: (text) => text.trim() === ends, doubtful: null };
    const mark = found.groups?.mark ?? "";
    if (mark === "") throw new Error("a pattern for the beginning of a text without its mark");
    if (line.slice(found[0].length).includes(mark)) return null;
    // As configurations show it; typed so, it is one character to some devices and two to others.
    const doubtful = mark === "^C" ? /\^(?!C)/ : null;
    return { line: index, isLast: (text) => text.includes(mark), doubtful };
  }
  return null;
}
