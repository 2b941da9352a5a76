import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { comparison } from "../test/support/load/report.ts";
import { fillStore, type LoadReport, runLoad } from "../test/support/load/run.ts";
import { startRedis } from "../test/support/redis.ts";
import { tempDir } from "../test/support/tempdir.ts";
import { writeSection } from "./lib/section.ts";

/**
 * What a million stored jobs cost those who ask, beside ten thousand: `bun scripts/load.ts sqlite|redis`, some ten
 * minutes. Writes its tables into docs/performance.md. `--folder F` keeps filled SQLite stores there and uses them
 * again.
 */
const SMALL = 10_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    jobs: { type: "string", default: "1000000" },
    rate: { type: "string", default: "1000" },
    folder: { type: "string" },
  },
});
const rate = Number(values.rate);
const KINDS = { sqlite: measuredSqlite, redis: measuredRedis };
const [kind = ""] = positionals;
if (!Object.hasOwn(KINDS, kind)) {
  console.error("usage: bun scripts/load.ts sqlite|redis [--jobs N] [--rate N] [--folder F]");
  process.exit(2);
}

using temporary = tempDir("load");
const folder = values.folder ?? temporary.path;
const measured = KINDS[kind as keyof typeof KINDS];
const small = await measured(SMALL);
const large = await measured(Number(values.jobs));
await writeSection("performance.md", `scripts/load.ts ${kind}`, comparison(small, large));

async function measuredSqlite(jobs: number): Promise<LoadReport> {
  const dataDir = join(folder, String(jobs));
  mkdirSync(dataDir, { recursive: true });
  const url = `sqlite:${dataDir}/netpulse.db`;
  const known = join(dataDir, "filled.json");
  if (!existsSync(known)) await Bun.write(known, JSON.stringify(await fillStore(url, jobs, progress)));
  return runLoad({ url, filled: await Bun.file(known).json(), dataDir, rate, progress });
}

async function measuredRedis(jobs: number): Promise<LoadReport> {
  await using redis = await startRedis({ appendOnly: true, extraArgs: ["--appendfsync", "everysec"] });
  using dataDir = tempDir("load-redis");
  const { url } = redis;
  const filled = await fillStore(url, jobs, progress);
  const env = { NETPULSE_SECRET_KEY: "0123456789abcdef".repeat(4) };
  return await runLoad({ url, filled, dataDir: dataDir.path, rate, env, progress });
}

function progress(what: string): void {
  if (!/^stored \d+/.test(what) || /0{5}$/.test(what)) console.error(what);
}
