import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Page } from "puppeteer-core";
import { startChromium } from "../test/support/chromium.ts";
import { DashboardPage } from "../test/support/dashboard-page.ts";
import { fillStore } from "../test/support/load/run.ts";
import { BIG_HOST, hostName } from "../test/support/load/stock.ts";
import { startNetpulse } from "../test/support/netpulse.ts";
import { tempDir } from "../test/support/tempdir.ts";
import { writeSection } from "./lib/section.ts";

/**
 * The dashboard over a SQLite store with a million jobs: `bun scripts/dashboard-load.ts [--jobs N] [--folder F]`. Writes
 * its table into docs/dashboard.md. `--folder F` keeps the filled store there and uses it again.
 */
const { values } = parseArgs({
  options: { jobs: { type: "string", default: "1000000" }, folder: { type: "string" } },
});
const jobs = Number(values.jobs);

using temporary = tempDir("dashboard-load");
const dataDir = join(values.folder ?? temporary.path, String(jobs));
mkdirSync(dataDir, { recursive: true });
const url = `sqlite:${dataDir}/netpulse.db`;
const known = join(dataDir, "filled.json");
if (!existsSync(known)) await Bun.write(known, JSON.stringify(await fillStore(url, jobs, progress)));

await using netpulse = await startNetpulse({ dataDir, env: { NETPULSE_STORAGE__URL: url } });
await using chromium = await startChromium();
const { page, complaints } = await chromium.open();
await page.setViewport({ width: 1440, height: 900 });
await page.evaluateOnNewDocument(
  "window.longest = 0; new PerformanceObserver((list) => { for (const { duration } of list.getEntries()) longest = Math.max(longest, duration); }).observe({ type: 'longtask' })",
);
const dashboard = await DashboardPage.open(page, netpulse);
await dashboard.says("Failed last");

const PAGES = 40;
const rows: string[] = [];
await view("overview, from the reload", async () => {
  await page.reload();
  await dashboard.says("Failed last");
});
await view("jobs, the newest", () => shown("jobs"));
await view("jobs of the device that has half of them", () => shown(`jobs?host=${BIG_HOST}`));
await view("failed jobs of one device", () => shown(`jobs?host=${hostName(7)}&status=failed`));
await view("cancelled jobs", () => shown("jobs?status=cancelled"));
await shown(`jobs?host=${BIG_HOST}`);
for (let round = 1; round <= PAGES; round++) await view(`older pages, the slowest of ${PAGES}`, older);
await view("devices", () => shown("devices"));
if (complaints.length > 0) throw new Error(complaints.join("\n"));
const lines = [...worst()].map(([what, cells]) => `| ${what} | ${cells.join(" | ")} |`);
await writeSection(
  "dashboard.md",
  "scripts/dashboard-load.ts",
  [
    `With ${jobs.toLocaleString("en")} stored jobs:`,
    "",
    "| view | until it shows, ms | longest task of the page, ms | rows | elements | heap, MiB |",
    "|---|---|---|---|---|---|",
    ...lines,
  ].join("\n"),
);

function progress(what: string): void {
  if (!/^stored \d+/.test(what) || /0{5}$/.test(what)) console.error(what);
}

async function shown(address: string): Promise<void> {
  await dashboard.go("none");
  await dashboard.says("There is no such view");
  await dashboard.go(address);
  await page.waitForSelector("table.rows tbody tr");
}

/** Until its rows are others. */
async function older(): Promise<void> {
  const first = "document.querySelector('[data-row]').title";
  const before = await page.evaluate(first);
  await dashboard.press("Older →");
  await page.waitForFunction(`${first} !== ${JSON.stringify(before)}`);
}

async function view(what: string, visit: () => Promise<void>): Promise<void> {
  await page.evaluate("window.longest = 0");
  const began = performance.now();
  await visit();
  const took = performance.now() - began;
  const { rows: count, elements, heap, longest } = await look(page);
  rows.push(JSON.stringify([what, [took, longest, count, elements, heap]]));
  console.error(what, Math.round(took), count);
}

interface Look {
  rows: number;
  elements: number;
  heap: number;
  longest: number;
}

async function look(of: Page): Promise<Look> {
  return (await of.evaluate(
    "({ rows: document.querySelectorAll('table.rows tbody tr').length, elements: document.querySelectorAll('*').length, heap: performance.memory.usedJSHeapSize / 2 ** 20, longest })",
  )) as Look;
}

/** Of a view that was visited several times the worst of each figure. */
function worst(): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const row of rows) {
    const [what, cells] = JSON.parse(row) as [string, number[]];
    const before = found.get(what) ?? cells;
    found.set(
      what,
      cells.map((cell, place) => Math.round(Math.max(cell, before[place] ?? 0))),
    );
  }
  return found;
}
