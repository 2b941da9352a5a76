import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const FOLDER = resolve(import.meta.dir, "../docs/decisions");

const HEAD = `# Decisions

What was decided, why, and what was not taken. Made of the pages beside it by \`bun scripts/decisions-index.ts\`; numbers that
are missing were never given.

| | decision |
|--:|---|
`;

/** The index of the decisions, from the first line of each. */
export function decisionsIndex(): string {
  const files = readdirSync(FOLDER).filter((name) => /^\d{4}-.+\.md$/.test(name));
  const rows = files.toSorted().map((file) => {
    const [first = ""] = readFileSync(join(FOLDER, file), "utf8").split("\n", 1);
    const [, number, title] = /^# (\d+)\. (.+)$/.exec(first) ?? [];
    if (title === undefined)
      throw new Error(`${file} must begin with "# NUMBER. TITLE", and begins with ${first}`);
    return `| ${number} | [${title}](${file}) |\n`;
  });
  return HEAD + rows.join("");
}

if (import.meta.main) writeFileSync(join(FOLDER, "README.md"), decisionsIndex());
