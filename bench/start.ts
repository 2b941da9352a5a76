/**
 * How soon a server answers after it was started: `bun bench/start.ts`. The binary, made anew, and the source; on an empty
 * data folder and on one that is there already; and how soon a command is done that does nothing.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compileProgram } from "../scripts/lib/compile.ts";
import { freePort } from "../test/support/ports.ts";
import { must } from "../test/support/process.ts";
import { tempDir } from "../test/support/tempdir.ts";
import { percentile, row, series } from "./timing.ts";

const ROUNDS = 20;
const every = Array.from({ length: ROUNDS });
const KEY = "a-key-of-the-bench";
/** How often it is asked until it answers; a client that asks without a pause takes the processor that it waits for. */
const PAUSE_MS = 1;

using folder = tempDir("start");
const binary = folder.file("netpulse");
await compileProgram({ outfile: binary, commit: "bench" });
const programs = {
  "the binary": [binary],
  "from source": [process.execPath, "--no-env-file", join(import.meta.dir, "../src/main.ts")],
};

console.log(row("what", "rounds", "best, ms", "p50, ms", "p99, ms"));
console.log("|---|--:|--:|--:|--:|");
for (const [name, program] of Object.entries(programs)) {
  print(`${name}: --version`, await series(every, () => must([...program, "--version"], { env: {} })));
  const first: number[] = [];
  const healthy: number[] = [];
  const again: number[] = [];
  const spent: number[] = [];
  for (const _ of every) {
    using data = tempDir("data");
    const fresh = await start(program, data.path);
    first.push(fresh.answered);
    healthy.push(fresh.healthy);
    const second = await start(program, data.path);
    again.push(second.healthy);
    spent.push(second.spent);
  }
  print(`${name}: serve on an empty folder, to the first answer of \`/health\``, first);
  print(`${name}: serve on an empty folder, to \`/health\` being 200`, healthy);
  print(`${name}: serve on a folder that is there, to \`/health\` being 200`, again);
  print(`${name}: of that, processor time of the main thread to the first answer`, spent);
}

interface Start {
  /** Milliseconds from the start of the process to the first answer, and to the first good one. */
  answered: number;
  healthy: number;
  /** What the main thread had of a processor until the first answer, ms: what would be left of it on an idle machine. */
  spent: number;
}

async function start(program: string[], dataDir: string): Promise<Start> {
  const port = await freePort();
  const env = {
    NETPULSE_DATA_DIR: dataDir,
    NETPULSE_SERVER__PORT: String(port),
    NETPULSE_SERVER__API_KEY: KEY,
    NETPULSE_LOG__LEVEL: "error",
  };
  const since = performance.now();
  const child = Bun.spawn([...program, "serve"], { env, cwd: dataDir, stdout: "ignore", stderr: "inherit" });
  try {
    let answered: Pick<Start, "answered" | "spent"> | null = null;
    for (;;) {
      const status = await fetch(`http://127.0.0.1:${port}/health`, { headers: { "X-API-KEY": KEY } }).then(
        (answer) => answer.status,
        () => null,
      );
      const now = performance.now() - since;
      if (status !== null) answered ??= { answered: now, spent: processorTime(child.pid) };
      if (status === 200 && answered !== null) return { ...answered, healthy: now };
      await Bun.sleep(PAUSE_MS);
    }
  } finally {
    child.kill();
    await child.exited;
  }
}

function processorTime(pid: number): number {
  const [nanoseconds] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ");
  return Number(nanoseconds) / 1e6;
}

function print(what: string, times: number[]): void {
  const figures = [percentile(times, 0), percentile(times, 0.5), percentile(times, 0.99)];
  console.log(row(what, times.length, ...figures.map((figure) => figure.toFixed(0))));
}
