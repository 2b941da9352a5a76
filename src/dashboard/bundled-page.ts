import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/**
 * The page's files as JSON: names and texts. Runs in the bundler, which does not bundle a second time in its own process.
 */
export function bundledPage(): string {
  const browser = resolve(import.meta.dir, "browser");
  const folder = mkdtempSync(join(tmpdir(), "netpulse-dashboard-"));
  try {
    const command = [
      process.execPath,
      "build",
      "index.html",
      "--production",
      "--target=browser",
      "--outdir",
      folder,
    ];
    const { success, stderr } = Bun.spawnSync(command, { cwd: browser });
    if (!success) throw new Error(`the dashboard cannot be bundled: ${stderr}`);
    const files = readdirSync(folder).sort();
    return JSON.stringify(files.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
