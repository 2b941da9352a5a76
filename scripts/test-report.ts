import { existsSync, readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import type { Figure } from "../test/support/figures.ts";

/**
 * Writes the report of a whole test run: `test-report.ts JUNIT.xml BINARY.xml FIGURES.jsonl REPORT.md`. Totals, one line
 * per file, every failure by name and what tests measured; the machine beside it, as durations mean nothing
 * without. BINARY.xml is of the tests that ran against the binary, FIGURES.jsonl holds lines of `Figure`; they need not
 * be there.
 */

interface Suite {
  file: string;
  tests: number;
  failures: number;
  skipped: number;
  seconds: number;
}

function attributes(tag: string): Map<string, string> {
  const found = tag.matchAll(/([\w-]+)="([^"]*)"/g);
  return new Map([...found].map(([, name = "", value = ""]) => [name, unescaped(value)]));
}

function unescaped(text: string): string {
  const entities: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replace(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole);
}

function toSuite(tag: string): Suite {
  const found = attributes(tag);
  const count = (name: string) => Number(found.get(name) ?? 0);
  return {
    file: found.get("name") ?? "",
    tests: count("tests"),
    failures: count("failures"),
    skipped: count("skipped"),
    seconds: count("time"),
  };
}

/** Suites of files stand one level deep; those of `describe` stand inside them, named otherwise. */
function fileSuites(xml: string): Suite[] {
  const tags = xml.match(/<testsuite [^>]*>/g) ?? [];
  return tags.filter((tag) => attributes(tag).get("name") === attributes(tag).get("file")).map(toSuite);
}

function failures(xml: string): string[] {
  const failed = xml.matchAll(/<testcase ([^>]*[^/])>\s*<failure/g);
  return [...failed].map(([, tag = ""]) => {
    const found = attributes(tag);
    return `- ${found.get("file")}: ${[found.get("classname"), found.get("name")].filter(Boolean).join(" › ")}`;
  });
}

/** By topic, in the order in which the tests came to say it. */
function figuresOf(path: string): string[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  const topics = Map.groupBy(
    lines.map((line) => JSON.parse(line) as Figure),
    ({ topic }) => topic,
  );
  const sorted = [...topics].sort(([a], [b]) => a.localeCompare(b));
  return sorted.flatMap(([topic, figures]) => [
    "",
    `## ${topic}`,
    "",
    "| what | measured |",
    "|---|---|",
    ...figures.map(({ what, value }) => `| ${what} | ${value} |`),
  ]);
}

function totals(xml: string): string {
  const suites = fileSuites(xml);
  const total = (pick: (suite: Suite) => number) => suites.reduce((sum, suite) => sum + pick(suite), 0);
  const [whole = ""] = xml.match(/<testsuites [^>]*>/) ?? [];
  const seconds = Number(attributes(whole).get("time") ?? 0).toFixed(1);
  return (
    `${total((s) => s.tests)} tests in ${suites.length} files: ${total((s) => s.failures)} failed, ` +
    `${total((s) => s.skipped)} skipped, ${seconds} s in all.`
  );
}

async function report(xml: string, binary: string | null, figures: string): Promise<string> {
  const suites = fileSuites(xml).sort((a, b) => a.file.localeCompare(b.file));
  const commit = (await Bun.$`git log -1 --format="%h, %s"`.nothrow().text()).trim();
  const failed = [
    ...failures(xml),
    ...(binary === null ? [] : failures(binary).map((line) => `${line}, against the binary`)),
  ];
  return [
    "# Report of the last full test run",
    "",
    `\`bin/test --full\` on ${new Date().toISOString().slice(0, 10)} at ${commit}.`,
    `Machine: ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Bun ${Bun.version}.`,
    "",
    `**${totals(xml)}**`,
    "",
    ...(binary === null ? [] : [`Against the binary: ${totals(binary)}`, ""]),
    ...(failed.length === 0 ? [] : ["Failed:", "", ...failed, ""]),
    "| file | tests | failed | skipped | seconds |",
    "|---|--:|--:|--:|--:|",
    ...suites.map(
      (s) => `| ${s.file} | ${s.tests} | ${s.failures} | ${s.skipped} | ${s.seconds.toFixed(1)} |`,
    ),
    ...figuresOf(figures),
    "",
  ].join("\n");
}

const [source, ofBinary, figures, destination] = process.argv.slice(2);
if (source === undefined || ofBinary === undefined || figures === undefined || destination === undefined) {
  console.error("usage: test-report.ts JUNIT.xml BINARY.xml FIGURES.jsonl REPORT.md");
  process.exit(2);
}
const binary = existsSync(ofBinary) ? readFileSync(ofBinary, "utf8") : null;
await Bun.write(destination, await report(readFileSync(source, "utf8"), binary, figures));
