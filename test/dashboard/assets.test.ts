import { describe, expect, test } from "bun:test";
import { resolve } from "node:path";
import { lazyDashboard } from "../../src/dashboard/assets.ts";
import { must } from "../support/process.ts";
import { tempDir } from "../support/tempdir.ts";

const ASSETS = resolve(import.meta.dir, "../../src/dashboard/assets.ts");
const PAGE = resolve(import.meta.dir, "../../src/dashboard/browser/index.html");
const HASHED = /^[\w-]+-[0-9a-z]{8}\.(?:js|css|svg)$/;

/** What the page names, in its order. */
function namedIn(html: string): string[] {
  return [...html.matchAll(/\b(?:href|src)="dashboard\/([^"]+)"/g)].map(([, name = ""]) => name);
}

describe("from source", () => {
  test("it is bundled when it is asked for, once", async () => {
    const files = lazyDashboard("dashboard");
    const [one, other] = await Promise.all([files(), files()]);
    expect(other).toBe(one);
    expect(namedIn(one.html).sort()).toEqual([...one.assets.keys()].sort());
    for (const [name, { bytes, gzip, type }] of one.assets) {
      expect(name).toMatch(HASHED);
      expect(type).toMatch(/^(?:text\/javascript|text\/css|image\/svg\+xml)/);
      expect(Bun.gunzipSync(gzip)).toEqual(bytes);
    }
  });

  test("the page has no script and no style of its own, and names nobody else", async () => {
    const { html, assets } = await lazyDashboard("dashboard")();
    expect(html).not.toMatch(/https?:|"\/\/|<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/);
    const styles = [...assets].filter(([name]) => name.endsWith(".css"));
    for (const [, { bytes }] of styles) expect(new TextDecoder().decode(bytes)).not.toMatch(/url\(|@import/);
  });

  test("a browser gets nothing of the server, of Bun or of Node", async () => {
    const built = await Bun.build({ entrypoints: [PAGE], target: "browser", metafile: true });
    const inputs = Object.keys(built.metafile?.inputs ?? {});
    const allowed = /^(?:src\/dashboard\/browser|src\/client|src\/core|node_modules\/(?:preact|uplot))\//;
    expect(inputs.filter((file) => !allowed.test(file))).toEqual([]);
    expect(inputs).toContain("src/client/netpulse.ts");
    const scripts = built.outputs.filter(({ path }) => path.endsWith(".js"));
    expect(scripts).toHaveLength(1);
    for (const script of scripts) {
      const [found] =
        /\bBun\.|\bprocess\.|\bBuffer\b|["']node:|\brequire\(|\beval\(/.exec(await script.text()) ?? [];
      expect(found).toBeUndefined();
    }
  });

  test("nothing is put into the page but as text", async () => {
    const folder = resolve(PAGE, "..");
    for (const file of new Bun.Glob("**/*.{ts,tsx}").scanSync({ cwd: folder })) {
      const [found] =
        /\w*inner_?HTML|insertAdjacentHTML|document\.write/i.exec(
          await Bun.file(`${folder}/${file}`).text(),
        ) ?? [];
      expect([file, found]).toEqual([file, undefined]);
    }
  });
});

test("in a compiled program it is inside: from an empty folder, as from source", async () => {
  const folder = tempDir("compiled");
  await Bun.write(
    folder.file("main.ts"),
    `import { lazyDashboard } from ${JSON.stringify(ASSETS)};
     const { html, assets } = await lazyDashboard("dashboard")();
     const sizes = [...assets].map(([name, { type, bytes }]) => [name, type, bytes.length]);
     console.log(JSON.stringify({ html, sizes }));`,
  );
  const options = ["--compile", "--minify", "--bytecode", "--format=esm"];
  const build = [
    process.execPath,
    "build",
    ...options,
    folder.file("main.ts"),
    "--outfile",
    folder.file("program"),
  ];
  await must(build);
  const { html, sizes } = JSON.parse(await must([folder.file("program")], { cwd: "/", env: {} })) as {
    html: string;
    sizes: [string, string, number][];
  };
  folder.remove();
  expect(namedIn(html).sort()).toEqual(sizes.map(([name]) => name).sort());
  expect(sizes.map(([, type]) => type.split(";")[0]).sort()).toEqual([
    "image/svg+xml",
    "text/css",
    "text/javascript",
  ]);
  const script = sizes.find(([name]) => name.endsWith(".js"))?.[2] ?? 0;
  expect(script).toBeGreaterThan(50_000);
  expect(script).toBeLessThan(300_000);
});
