import { resolve } from "node:path";

const DOCS = resolve(import.meta.dir, "../../docs");

/** Replaces what stands in a page of `docs/` between the markers of `writer`. Throws, with the text, if they are not there. */
export async function writeSection(page: string, writer: string, text: string): Promise<void> {
  const path = resolve(DOCS, page);
  const begin = `<!-- ${writer} writes from here -->`;
  const end = `<!-- ${writer}: to here -->`;
  const [before, rest = ""] = (await Bun.file(path).text()).split(begin, 2);
  const after = rest.split(end, 2)[1];
  if (before === undefined || after === undefined) {
    throw new Error(`docs/${page} lacks ${begin} or ${end}; the text is:\n${text}`);
  }
  await Bun.write(path, `${before}${begin}\n\n${text}\n\n${end}${after}`);
}
