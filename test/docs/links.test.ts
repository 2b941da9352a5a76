import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { decisionsIndex } from "../../scripts/decisions-index.ts";
import { anchorsOf, brokenLinks, linksOf } from "./support/links.ts";
import { ROOT, readPages } from "./support/pages.ts";

const pages = new Map(readPages().map((page) => [page.path, page]));
const targets = { pages, exists: (path: string) => existsSync(join(ROOT, path)) };

test("pages are found, and have links", () => {
  expect([...pages.keys()]).toContain("README.md");
  expect([...pages.keys()]).toContain("docs/decisions/0001-runtime-and-libraries.md");
  const links = [...pages.values()].flatMap(({ text }) => linksOf(text));
  expect(links.filter(({ target }) => target.includes("#")).length).toBeGreaterThan(5);
  expect(links.filter(({ image }) => image).length).toBeGreaterThan(0);
});

test.each([...pages.values()])("every link of $path leads somewhere", (page) => {
  expect(brokenLinks(page, targets)).toEqual([]);
});

test("every page is reached from README.md", () => {
  const reached = new Set<string>();
  const follow = (path: string) => {
    const page = pages.get(path);
    if (page === undefined || reached.has(path)) return;
    reached.add(path);
    const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : ".";
    for (const { target } of linksOf(page.text)) follow(join(folder, target.split("#", 1)[0] ?? ""));
  };
  follow("README.md");
  expect([...pages.keys()].filter((path) => !reached.has(path))).toEqual([]);
});

test("docs/decisions/README.md names every decision (else: bun scripts/decisions-index.ts)", () => {
  expect(pages.get("docs/decisions/README.md")?.text).toBe(decisionsIndex());
  expect(decisionsIndex()).toContain("| 1 | [Runtime and libraries](0001-runtime-and-libraries.md) |");
});

describe("a link is found broken", () => {
  const page = (text: string) => ({ path: "docs/a.md", text });
  const world = {
    pages: new Map([["docs/b.md", page("# One\n## Two, and `three`\n## One\n")]]),
    exists: (path: string) => ["docs/b.md", "docs", "docs/a.md", "docs/images/a.png"].includes(path),
  };

  const problemsOf = (text: string) => {
    const a = page(text);
    return brokenLinks(a, { ...world, pages: new Map([...world.pages, [a.path, a]]) });
  };

  test.each([
    ["to a file that is not there", "[x](c.md)", "c.md: there is no such file"],
    ["to a heading that is not there", "[x](b.md#four)", "b.md#four: there is no such heading"],
    ["to a heading of its own", "# Here\n[x](#there)", "#there: there is no such heading"],
    ["out of the repository", "[x](../../b.md)", "../../b.md: leads out of the repository"],
    ["from the root", "[x](/docs/b.md)", "/docs/b.md: begins at the root of a site"],
    ["that shows a page as an image", "![x](b.md)", "b.md: is no image"],
    ["around an image", "[![x](c.png)](b.md)", "c.png: there is no such file"],
    ["by reference", "[x]: c.md", "c.md: there is no such file"],
    ["in HTML", '<img src="c.png">', "c.png: there is no such file"],
    ["with text in brackets", "[[site/]host](c.md)", "c.md: there is no such file"],
  ])("%s", (_what, text, problem) => {
    const line = text.split("\n").length;
    expect(problemsOf(text)).toEqual([`docs/a.md:${line}: ${problem}`]);
  });

  test.each([
    "[x](b.md)",
    "[x](b.md#one-1) and [y](b.md#two-and-three)",
    "![x](images/a.png)",
    "[x](https://example.net/a.md#b)",
    "`[x](c.md)`",
    "```\n[x](c.md)\n```",
  ])("but not in %j", (text) => {
    expect(problemsOf(text)).toEqual([]);
  });
});

test("anchors are made as forges make them", () => {
  const headings =
    '# What runs (`serve`) & why\n## A [link](b.md)\'s text\n## Größe\n<a id="named"></a>\n```sh\n# no heading\n```';
  expect([...anchorsOf(headings)]).toEqual(["what-runs-serve--why", "a-links-text", "größe", "named"]);
});
