import { resolve } from "node:path";
import { plugin } from "bun";

/** Words of the product's source, and what is to stand in their place. */
export interface Edit {
  /** From `src/`. */
  file: string;
  find: string;
  put: string;
}

const SOURCE = resolve(import.meta.dir, "../../../src");

/**
 * Starts the product, and each session host of it, with parts of its source exchanged. Words that are not there any
 * more end it at once: a sabotage that does nothing proves nothing.
 */
export async function startWithout(edits: readonly Edit[]): Promise<void> {
  for (const [file, changes] of Map.groupBy(edits, (edit) => edit.file)) {
    const path = resolve(SOURCE, file);
    const contents = changes.reduce(edited, await Bun.file(path).text());
    plugin({
      name: `without a part of ${file}`,
      setup: (build) => {
        build.onLoad({ filter: exactly(path) }, () =>
          file.endsWith(".ts")
            ? { contents, loader: "ts" }
            : { contents: `export default ${JSON.stringify(contents)};`, loader: "js" },
        );
      },
    });
  }
  await import("../../../src/main.ts");
}

function edited(source: string, { file, find, put }: Edit): string {
  if (!source.includes(find)) throw new Error(`src/${file} does not say ${JSON.stringify(find)} any more`);
  return source.replaceAll(find, put);
}

function exactly(path: string): RegExp {
  return new RegExp(`^${path.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")}$`);
}
