import { describe, test } from "bun:test";
import { type Block, blocksOf, DOCUMENT, entriesOf } from "./document.ts";

/** What is done with a part of the document, each by what it shows. */
export type Cases<Scene, Part> = Record<string, (scene: Scene, part: Part) => Promise<void> | void>;

/** Blocks by their key. */
export type BlockTreatments<Scene> = Record<string, Cases<Scene, Block>>;

/** Rows of tables and items of lists by their key; what they explain is the last part of it. */
export type EntryTreatments<Scene> = Record<string, Cases<Scene, string>>;

/** Treatments of blocks and of entries that share a scene. */
export interface Treatments<Scene> {
  blocks: BlockTreatments<Scene>[];
  entries: EntryTreatments<Scene>[];
}

/** Longer than a test should take, shorter than a reader waits. */
const DEADLINE = 20_000;

const BLOCKS = new Map(blocksOf(DOCUMENT).map((block) => [block.key, block]));
const ENTRIES = new Map(entriesOf(DOCUMENT).map(({ key }) => [key, key.split(" › ").at(-1) ?? ""]));

export function block(key: string): Block {
  return known(BLOCKS, key);
}

/** A test for every case, under the part of the document it is about. */
export function testTreatments<Scene>({ blocks, entries }: Treatments<Scene>, scene: () => Scene): void {
  for (const table of blocks) testTable(table, BLOCKS, scene);
  for (const table of entries) testTable(table, ENTRIES, scene);
}

function testTable<Scene, Part>(
  table: Record<string, Cases<Scene, Part>>,
  parts: Map<string, Part>,
  scene: () => Scene,
): void {
  for (const [key, cases] of Object.entries(table)) {
    describe(key, () => {
      for (const [shows, run] of Object.entries(cases)) {
        test(shows, async () => await run(scene(), known(parts, key)), DEADLINE);
      }
    });
  }
}

function known<Part>(parts: Map<string, Part>, key: string): Part {
  const part = parts.get(key);
  if (part === undefined)
    throw new Error(`the document has no ${key}; it has\n${[...parts.keys()].join("\n")}`);
  return part;
}
