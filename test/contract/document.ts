import { join } from "node:path";

/** The user's document, word for word: what the API promises. */
export const DOCUMENT = await Bun.file(join(import.meta.dir, "job-api.md")).text();

/** A fenced code block. */
export interface Block {
  /** Headings from the second level down, language and ordinal: `API Endpoints › GET /job › bash 1`. */
  key: string;
  language: string;
  text: string;
  /** Of its opening fence, from 1. */
  line: number;
}

/** A row of a table, or an item of a list that explains a name. */
export interface Entry {
  /** Headings and the name explained: `API Endpoints › GET /job › id`. */
  key: string;
  line: number;
}

interface Line {
  text: string;
  number: number;
  /** The headings above it, joined. */
  heading: string;
}

export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  const ordinals = new Map<string, number>();
  for (const { opening, body } of fences(markdown)) {
    const language = opening.text.slice(3).trim();
    const place = `${opening.heading} › ${language}`;
    const ordinal = (ordinals.get(place) ?? 0) + 1;
    ordinals.set(place, ordinal);
    blocks.push({ key: `${place} ${ordinal}`, language, text: `${body.join("\n")}\n`, line: opening.number });
  }
  return blocks;
}

/** The rows of every table and the items of the lists that explain a `name`, outside code. */
export function entriesOf(markdown: string): Entry[] {
  const lines = numbered(markdown);
  return lines.flatMap(({ text, number, heading }, index) => {
    const isHeader = /^\|[\s:|-]+\|$/.test(lines[index + 1]?.text ?? "");
    const name = text.match(/^- `([^`]+)`:/)?.[1] ?? text.match(/^\| ([^|-][^|]*?) \|/)?.[1];
    return name === undefined || isHeader ? [] : [{ key: `${heading} › ${name}`, line: number }];
  });
}

interface Fence {
  opening: Line;
  body: string[];
}

function fences(markdown: string): Fence[] {
  const found: Fence[] = [];
  let open: Fence | null = null;
  for (const line of numbered(markdown)) {
    if (!line.text.startsWith("```")) open?.body.push(line.text);
    else if (open === null) open = { opening: line, body: [] };
    else {
      found.push(open);
      open = null;
    }
  }
  if (open !== null) throw new Error(`line ${open.opening.number}: the code block is never closed`);
  return found;
}

/** Every line with the headings it stands under; a `#` in code is none. */
function numbered(markdown: string): Line[] {
  const headings: string[] = [];
  let inCode = false;
  return markdown.split("\n").map((text, index) => {
    if (text.startsWith("```")) inCode = !inCode;
    const [, marks = "", title = ""] = inCode ? [] : (text.match(/^(#{2,}) (.+)/) ?? []);
    if (marks !== "") headings.splice(marks.length - 2, Infinity, title.trim());
    return { text, number: index + 1, heading: headings.join(" › ") };
  });
}
