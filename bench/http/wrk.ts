import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Load {
  url: string;
  headers: Record<string, string>;
  /** Sent as JSON by POST; without it, GET. */
  body?: unknown;
  connections: number;
  seconds: number;
}

export interface Throughput {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

/** Asks the same over and over on many connections, by wrk. Throws where an answer was no success. */
export async function wrk({ url, headers, body, connections, seconds }: Load): Promise<Throughput> {
  const program = Bun.which("wrk");
  if (program === null) throw new Error("wrk is not on PATH: apt-get install wrk");
  const folder = mkdtempSync(join(tmpdir(), "netpulse-wrk-"));
  try {
    const script = join(folder, "request.lua");
    writeFileSync(script, body === undefined ? "" : `wrk.method = "POST"\nwrk.body = ${quoted(body)}\n`);
    const named = Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
    const options = ["-t1", `-c${connections}`, `-d${seconds}s`, "--latency", "-s", script];
    const child = Bun.spawn([program, ...options, ...named, url], { stdout: "pipe", stderr: "inherit" });
    return figures(await child.stdout.text());
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** JSON text as a string of Lua. */
function quoted(body: unknown): string {
  return `[==[${JSON.stringify(body)}]==]`;
}

function figures(report: string): Throughput {
  if (/Non-2xx|Socket errors/.test(report)) throw new Error(report);
  const latency = (share: number) => milliseconds(found(report, new RegExp(`^\\s*${share}%\\s+(\\S+)`, "m")));
  return {
    perSecond: Number(found(report, /^Requests\/sec:\s+(\S+)/m)),
    p50Ms: latency(50),
    p99Ms: latency(99),
  };
}

function found(report: string, pattern: RegExp): string {
  const [, value] = pattern.exec(report) ?? [];
  if (value === undefined) throw new Error(`wrk printed something else:\n${report}`);
  return value;
}

function milliseconds(text: string): number {
  const factor = { us: 0.001, ms: 1, s: 1_000 }[text.replace(/[\d.]+/, "")];
  if (factor === undefined) throw new Error(`wrk printed the time ${text}`);
  return Number.parseFloat(text) * factor;
}
