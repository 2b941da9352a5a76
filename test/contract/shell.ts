import { writeFileSync } from "node:fs";
import { type Ran, run } from "../support/process.ts";
import { tempDir } from "../support/tempdir.ts";

/** Runs a script file with bash, as somebody would who copied it from the page. Times are in UTC. */
export async function runBash(script: string): Promise<Ran> {
  using folder = tempDir("script");
  const file = folder.file("script.sh");
  writeFileSync(file, script);
  return await run(["/bin/bash", file], { env: { PATH: "/usr/bin:/bin", TZ: "UTC" } });
}

/** What several curls printed one after the other: a JSON value each, with nothing between them. */
export function jsonValues(printed: string): unknown[] {
  return printed
    .trim()
    .split(/(?<=\})\s*(?=\{"code")/)
    .map((text) => JSON.parse(text));
}
