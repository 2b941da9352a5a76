import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("../../test/drivers/cli/platforms/", import.meta.url);

/** What each platform's transcript was made after, by the platform's name. */
export function transcriptSources(): Map<string, string> {
  const files = readdirSync(folder).filter((name) => name.endsWith(".transcript"));
  return new Map(
    files.map((name) => {
      const [, source = ""] = /^source: (.+)$/m.exec(readFileSync(new URL(name, folder), "utf8")) ?? [];
      return [name.replace(".transcript", ""), source];
    }),
  );
}
