import { expect, test } from "bun:test";
import { keyEntries } from "../../src/config/schema.ts";
import { type Page, ROOT, readPages } from "./support/pages.ts";

/** Names what other programs have, or what was once. */
const OF_OTHERS = ["docs/moving-from-netpulse.md"];
/** Made of what was run. */
const MADE = ["docs/test-report.md"];
const FOLDERS = ["src", "drivers", "test", "bench", "scripts", "bin", "docs", ".ci"];

const pages = readPages().filter(({ path }) => !MADE.includes(path));

/** Code within lines. */
function namesIn({ text }: Page): string[] {
  return [...text.replaceAll(/^(`{3,})[\s\S]*?^\1$/gm, "").matchAll(/`([^`\n]+)`/g)].map(
    ([, name = ""]) => name,
  );
}

const files = FOLDERS.flatMap((folder) =>
  [...new Bun.Glob("**/*").scanSync({ cwd: `${ROOT}/${folder}`, dot: true, onlyFiles: false })].map(
    (file) => `/${folder}/${file}`,
  ),
);

/** Files of ours that are named and are not there; a page may leave out the folders that lead to one. NAME and NNNN stand for any. */
function missingFiles(names: readonly string[]): string[] {
  return names
    .filter(
      (name) =>
        /^[\w./-]+\.(?:ts|lua|sql|sh|py)$/.test(name) || /^(?:src|drivers|test)\/[\w./-]+$/.test(name),
    )
    .filter((name) => !/NAME|NNNN/.test(name))
    .map((name) => name.replace(/\/$/, ""))
    .filter((name) => !files.some((file) => file.endsWith(`/${name}`)));
}

const keys = new Set(keyEntries().map(({ name }) => name));
const sections = new Set([...keys].flatMap((name) => name.split(".").slice(0, -1).slice(0, 1)));

/** Keys of a section that there is, without the key. */
function missingKeys(names: readonly string[]): string[] {
  return names
    .map((name) => name.replace(/=.*$/, ""))
    .filter((name) => /^[a-z_]+(?:\.[a-z_]+)+$/.test(name) && sections.has(name.split(".", 1)[0] ?? ""))
    .filter((name) => !keys.has(name) && ![...keys].some((key) => key.startsWith(`${name}.`)))
    .filter((name) => !/\.(?:ts|finished|failed|cancelled)$/.test(name) && name !== "storage.enqueue");
}

test("every file that a page names is there", () => {
  const missing = pages.flatMap((page) => missingFiles(namesIn(page)).map((name) => `${page.path}: ${name}`));
  expect(missing).toEqual([]);
  expect(missingFiles(["src/main.ts", "engine/submit.ts", "docs.ts"])).toEqual([]);
  expect(missingFiles(["engine/submitt.ts", "src/nothing/", "sql/NAME.sql"])).toEqual([
    "engine/submitt.ts",
    "src/nothing",
  ]);
});

test("every key of the configuration that a page names is one", () => {
  const missing = pages
    .filter(({ path }) => !OF_OTHERS.includes(path))
    .flatMap((page) => missingKeys(namesIn(page)).map((name) => `${page.path}: ${name}`));
  expect(missing).toEqual([]);
  expect(missingKeys(["job.ttl", "worker.lease=5", "storage.redis", "e.g"])).toEqual([]);
  expect(missingKeys(["job.tttl", "storage.redis.shard"])).toEqual(["job.tttl", "storage.redis.shard"]);
});
