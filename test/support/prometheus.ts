import { program, run } from "./process.ts";

/** Values by series, as written: `netpulse_jobs{status="queued"}`. */
export type Series = Map<string, number>;

/** Reads a page of metrics with Prometheus' own parser and linter first; throws what either says of it. */
export async function readMetrics(page: string): Promise<Series> {
  const { code, stdout, stderr } = await run([program("promtool", "prometheus"), "check", "metrics"], {
    stdin: page,
  });
  if (code !== 0 || `${stdout}${stderr}` !== "") {
    throw new Error(`promtool (${code}) says:\n${stdout}${stderr}\nof:\n${page}`);
  }
  const samples = page.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    samples.map((line) => {
      const end = line.lastIndexOf(" ");
      return [line.slice(0, end), Number(line.slice(end + 1))];
    }),
  );
}
