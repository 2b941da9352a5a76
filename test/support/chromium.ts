import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { program, startChild } from "./process.ts";
import { tempDir } from "./tempdir.ts";

/** A real browser without a window. */
export interface Chromium {
  /** A page that has seen nothing yet. */
  open(): Promise<Visit>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A page, and what went wrong on it. */
export interface Visit {
  page: Page;
  /** What it asked for, whomever it asked. */
  requested: string[];
  /** What the console says of errors, the page's policy among them, and what scripts threw. */
  complaints: string[];
}

/** Sees to it that it calls nobody: what it asks for is what the page does. */
const SILENT = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-domain-reliability",
  "--disable-sync",
  "--no-default-browser-check",
  "--no-first-run",
  "--no-pings",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

/** Starts Debian's Chromium. As root it has no sandbox to offer; it sees nothing but our own pages. */
export async function startChromium(): Promise<Chromium> {
  const folder = tempDir("chromium");
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const own = ["--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-port=0"];
  const child = startChild(
    [
      program("chromium", "chromium"),
      ...own,
      ...sandbox,
      ...SILENT,
      `--user-data-dir=${folder.path}`,
      "about:blank",
    ],
    { env: { PATH: process.env.PATH ?? "", HOME: folder.path, TMPDIR: folder.path, LANG: "C.UTF-8" } },
  );
  const stop = async (browser?: Browser) => {
    await browser?.close();
    await child.stop();
    folder.remove();
  };
  try {
    const [, url = ""] = await child.waitFor(/^DevTools listening on (ws:\S+)/m, { deadline: 60_000 });
    const browser = await puppeteer.connect({
      browserWSEndpoint: url,
      defaultViewport: { width: 1280, height: 900 },
    });
    return { open: () => visit(browser), [Symbol.asyncDispose]: () => stop(browser) };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function visit(browser: Browser): Promise<Visit> {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  const requested: string[] = [];
  const complaints: string[] = [];
  page.on("request", (request) => requested.push(request.url()));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  return { page, requested, complaints };
}
