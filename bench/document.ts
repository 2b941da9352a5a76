import { join } from "node:path";

const DOCUMENT = join(import.meta.dir, "..", "docs", "performance.md");
const BEGIN = "<!-- bench/run.ts writes from here -->";
const END = "<!-- to here -->";

/** Replaces what stands between the markers in docs/performance.md. */
export async function writeDocument(report: string): Promise<void> {
  const text = await Bun.file(DOCUMENT).text();
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`docs/performance.md lacks the lines ${BEGIN} and ${END}`);
  await Bun.write(DOCUMENT, `${text.slice(0, begin + BEGIN.length)}\n\n${report}\n\n${text.slice(end)}`);
}
