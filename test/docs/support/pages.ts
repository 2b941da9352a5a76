import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export const ROOT = resolve(import.meta.dir, "../../..");

/** Pages whose commands take too long for each run of the tests; `bin/test --full` runs them. */
export const LONG_PAGES: readonly string[] = ["docs/high-availability.md"];

/** A page by its path in the repository. */
export interface Page {
  path: string;
  text: string;
}

/** A fenced block. */
export interface Block {
  /** Of its opening fence, counted from 1. */
  line: number;
  language: string;
  /** What follows the language behind the fence. */
  words: readonly string[];
  code: string;
}

/** Every page that is kept with the program. */
export function readPages(): Page[] {
  const found = ["*.md", "docs/**/*.md", "bench/*.md"].flatMap((each) => [
    ...new Bun.Glob(each).scanSync({ cwd: ROOT }),
  ]);
  return found.toSorted().map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }));
}

/** Also those in HTML comments, which prepare what a reader has already. */
export function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let open: { block: Block; fence: string; code: string[] } | null = null;
  for (const [index, line] of text.split("\n").entries()) {
    const [, fence = "", info = ""] = /^(`{3,})(.*)$/.exec(line) ?? [];
    if (open === null) {
      if (fence === "") continue;
      const [language = "", ...words] = info.trim().split(/\s+/);
      open = { block: { line: index + 1, language, words, code: "" }, fence, code: [] };
    } else if (fence === open.fence && info.trim() === "") {
      blocks.push({ ...open.block, code: open.code.map((each) => `${each}\n`).join("") });
      open = null;
    } else open.code.push(line);
  }
  if (open !== null) throw new Error(`the block that line ${open.block.line} opens is never closed`);
  return blocks;
}

/** The text without its blocks and without code within lines, line for line. */
export function proseOf(text: string): string {
  let fence = "";
  const lines = text.split("\n").map((line) => {
    const [, mark = ""] = /^(`{3,})/.exec(line) ?? [];
    if (mark === "") return fence === "" ? line.replaceAll(/(`+)(?:(?!\1).)+\1/g, "`code`") : "";
    fence = fence === "" ? mark : "";
    return "";
  });
  return lines.join("\n");
}
