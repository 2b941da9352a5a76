import { posix } from "node:path";
import { type Page, proseOf } from "./pages.ts";

/** Where a page's links may lead. */
export interface Targets {
  pages: ReadonlyMap<string, Page>;
  /** Whether there is such a file or folder in the repository. */
  exists(path: string): boolean;
}

interface Link {
  line: number;
  target: string;
  image: boolean;
}

/** Links of the page that lead nowhere, each as `page:line: target: why`. Those to other sites are not followed. */
export function brokenLinks(page: Page, targets: Targets): string[] {
  return linksOf(page.text).flatMap(({ line, target, image }) => {
    const why = problem(page, target, image, targets);
    return why === null ? [] : [`${page.path}:${line}: ${target}: ${why}`];
  });
}

function problem(page: Page, target: string, image: boolean, targets: Targets): string | null {
  if (/^(https?|mailto):/.test(target)) return null;
  const [name = "", anchor] = target.split("#", 2);
  if (name.startsWith("/")) return "begins at the root of a site";
  const path = name === "" ? page.path : posix.join(posix.dirname(page.path), name);
  if (path.startsWith("..")) return "leads out of the repository";
  if (!targets.exists(path)) return "there is no such file";
  if (image && !/\.(png|svg)$/.test(path)) return "is no image";
  if (anchor === undefined) return null;
  const to = targets.pages.get(path.replace(/\/$/, ""));
  if (to === undefined) return "has an anchor, and is no page";
  return anchorsOf(to.text).has(anchor) ? null : "there is no such heading";
}

/** Links and images of a page's prose, also by reference and in HTML. */
export function linksOf(text: string): Link[] {
  return proseOf(text)
    .split("\n")
    .flatMap((prose, index) => {
      const line = index + 1;
      const inline = [
        ...prose.matchAll(/(!?)\[(?:[^[\]]|!?\[[^[\]]*\](?:\([^()]*\))?)*\]\(\s*<?([^()\s>]+)/g),
      ];
      const nested = [...prose.matchAll(/(!)\[[^[\]]*\]\(\s*<?([^()\s>]+)/g)].filter(
        ({ index: at }) => !inline.some((each) => each.index === at),
      );
      const references = [...prose.matchAll(/^()\[[^\]]+\]:\s*(\S+)/g)];
      const html = [...prose.matchAll(/<(img|a)\s[^>]*?(?:src|href)="([^"]+)"/g)].map(
        ([, tag, target]) => ["", tag === "img" ? "!" : "", target] as const,
      );
      return [...inline, ...nested, ...references, ...html].map(([, mark = "", target = ""]) => ({
        line,
        target,
        image: mark === "!",
      }));
    });
}

/** What can follow `#`: headings as GitHub and Forgejo make anchors of them, and names given in HTML. */
export function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  const prose = withoutBlocks(text);
  for (const [, title = ""] of prose.matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const slug = slugOf(title);
    let anchor = slug;
    for (let again = 1; anchors.has(anchor); again += 1) anchor = `${slug}-${again}`;
    anchors.add(anchor);
  }
  for (const [, name = ""] of prose.matchAll(/<a\s+(?:id|name)="([^"]+)"/g)) anchors.add(name);
  return anchors;
}

function slugOf(title: string): string {
  return title
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}_\- ]/gu, "")
    .replaceAll(" ", "-");
}

function withoutBlocks(text: string): string {
  return text.replaceAll(/^(`{3,})[\s\S]*?^\1$/gm, "");
}
