import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { comparison } from "../test/support/load/report.ts";
import { fillStore, type LoadReport, runLoad } from "../test/support/load/run.ts";
import { tempDir } from "../test/support/tempdir.ts";

/**
 * What a million stored jobs cost those who ask, beside ten thousand: `bun scripts/load.ts sqlite`, some ten minutes.
 * Writes its tables into docs/performance.md. `--folder F` keeps the filled stores there and uses them again.
 */
const DOCUMENT = resolve(import.meta.dir, "../docs/performance.md");
const SMALL = 10_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    jobs: { type: "string", default: "1000000" },
    rate: { type: "string", default: "1000" },
    folder: { type: "string" },
  },
});
const [kind = "sqlite"] = positionals;
if (kind !== "sqlite") {
  console.error("usage: bun scripts/load.ts sqlite [--jobs N] [--rate N] [--folder F]");
  process.exit(2);
}

using temporary = tempDir("load");
const folder = values.folder ?? temporary.path;
const small = await measured(SMALL);
const large = await measured(Number(values.jobs));
await write(kind, comparison(small, large));

async function measured(jobs: number): Promise<LoadReport> {
  const dataDir = join(folder, String(jobs));
  mkdirSync(dataDir, { recursive: true });
  const url = `sqlite:${dataDir}/netpulse.db`;
  const known = join(dataDir, "filled.json");
  if (!existsSync(known)) await Bun.write(known, JSON.stringify(await fillStore(url, jobs, progress)));
  const filled = await Bun.file(known).json();
  return runLoad({ url, filled, dataDir, rate: Number(values.rate), progress });
}

function progress(what: string): void {
  if (!/stored \d+/.test(what) || /0{5}$/.test(what)) console.error(what);
}

async function write(section: string, tables: string): Promise<void> {
  const begin = `<!-- scripts/load.ts ${section} writes from here -->`;
  const end = `<!-- scripts/load.ts ${section}: to here -->`;
  const text = await Bun.file(DOCUMENT).text();
  const [before, rest = ""] = text.split(begin, 2);
  const after = rest.split(end, 2)[1];
  if (before === undefined || after === undefined)
    throw new Error(`docs/performance.md lacks ${begin} or ${end}`);
  await Bun.write(DOCUMENT, `${before}${begin}\n\n${tables}\n\n${end}${after}`);
}
