import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import {
  forbiddenImports,
  forbiddenText,
  importCycles,
  type PackageRule,
  type PartRule,
  type Sources,
  strayPackages,
  type TextRule,
} from "./support/architecture.ts";

const STORAGE = "src/storage";
const DRIVER_SEAM = "src/device/driver.ts";
const TEMPLATE_SEAM = "src/template/templates.ts";

/** Imports go down only. Each part may import the parts named after it, and itself. */
const PARTS: PartRule[] = [
  { part: "src/core", mayImport: [] },
  { part: "src/config", mayImport: ["src/core"] },
  { part: "src/observe", mayImport: ["src/core", "package.json"] },
  { part: "src/lab", mayImport: ["src/core"] },
  { part: DRIVER_SEAM, mayImport: ["src/core"] },
  { part: "src/device", mayImport: ["src/core", DRIVER_SEAM] },
  { part: "src/python-regex", mayImport: [] },
  { part: "drivers", mayImport: ["src/device", DRIVER_SEAM, "src/python-regex"] },
  { part: STORAGE, mayImport: ["src/core"] },
  { part: "src/storage/sqlite", mayImport: ["src/core", STORAGE] },
  { part: "src/storage/redis", mayImport: ["src/core", STORAGE] },
  {
    part: "src/storage/open.ts",
    mayImport: ["src/core", STORAGE, "src/storage/sqlite", "src/storage/redis"],
  },
  { part: "src/files", mayImport: ["src/core"] },
  { part: "src/template", mayImport: ["src/core", "src/python-regex", TEMPLATE_SEAM] },
  { part: TEMPLATE_SEAM, mayImport: ["src/core", "src/template"] },
  { part: "src/template-host", mayImport: ["src/core", "src/template", TEMPLATE_SEAM] },
  { part: "src/ipc", mayImport: ["src/core", DRIVER_SEAM] },
  { part: "src/credentials", mayImport: ["src/core", STORAGE] },
  { part: "src/engine", mayImport: ["src/core", STORAGE, DRIVER_SEAM, TEMPLATE_SEAM] },
  { part: "src/webhook", mayImport: ["src/core", "src/engine", STORAGE] },
  {
    part: "src/worker",
    mayImport: [
      "src/core",
      "src/engine",
      STORAGE,
      "src/credentials",
      "src/files",
      "src/ipc",
      "src/device",
      DRIVER_SEAM,
      "src/observe",
    ],
  },
  {
    part: "src/api",
    mayImport: [
      ...["src/core", "src/engine", STORAGE, "src/files", DRIVER_SEAM, TEMPLATE_SEAM, "src/observe"],
    ],
  },
  // Of the API its types alone: test/client/browser.test.ts proves that nothing of it is loaded.
  { part: "src/client", mayImport: ["src/core", "src/api"] },
  // What browsers run.
  { part: "src/dashboard/browser", mayImport: ["src/core", "src/client"] },
  { part: "src/dashboard", mayImport: ["src/dashboard/browser"] },
  { part: "src/cli", mayImport: ["src/core", "src/config", "src/observe", "src/client"] },
  {
    part: "src/mcp",
    mayImport: ["src/core", "src/config", "src/observe", "src/client", "src/cli"],
  },
  { part: "package.json", mayImport: [] },
];
/** Where everything is put together. */
const ROOTS = ["src/main.ts", "src/roles"];
const RULES: PartRule[] = [
  ...PARTS,
  ...ROOTS.map((part) => ({ part, mayImport: [...ROOTS, ...PARTS.map((each) => each.part)] })),
];

/** What wraps a package is the only place that knows it. */
const PACKAGES: PackageRule[] = [
  { packages: ["bun:sqlite"], onlyIn: ["src/storage/sqlite", "src/roles/data-dir-lock.ts"] },
  { packages: ["drizzle-orm", "drizzle-kit"], onlyIn: ["src/storage/sqlite"] },
  { packages: ["ioredis"], onlyIn: ["src/storage/redis"] },
  { packages: ["elysia", "@elysiajs/swagger", "swagger-ui-dist"], onlyIn: ["src/api"] },
  { packages: ["ssh2"], onlyIn: ["src/device/transport", "src/lab"] },
  { packages: ["pino"], onlyIn: ["src/observe"] },
  { packages: ["minijinja-js"], onlyIn: ["src/template/jinja"] },
  { packages: ["@modelcontextprotocol/sdk"], onlyIn: ["src/mcp"] },
  { packages: ["fflate", "read-excel-file"], onlyIn: ["src/cli/online/xlsx.ts"] },
  { packages: ["preact", "uplot"], onlyIn: ["src/dashboard/browser"] },
  { packages: ["commander"], onlyIn: ["src/main.ts", "src/cli", "src/lab"] },
];

const TEXTS: TextRule[] = [
  {
    rule: "only src/config reads the environment",
    pattern: /\b(?:process|Bun|import\.meta)\.env\b|\bfrom "node:process"/,
    under: ["src", "drivers"],
    except: ["src/config"],
  },
  {
    rule: "time comes from the injected Clock of src/core/clock.ts",
    pattern: /\b(?:setTimeout|setInterval|Bun\.sleep|Date\.now|performance\.now)\b|\bfrom "node:timers/,
    under: ["src", "drivers"],
    except: ["src/core/clock.ts"],
  },
];

const root = resolve(import.meta.dir, "..");

function readSources(): Sources {
  const files = [...new Bun.Glob("{src,drivers}/**/*.{ts,tsx}").scanSync({ cwd: root })].sort();
  return new Map(files.map((file) => [file, readFileSync(resolve(root, file), "utf8")]));
}

describe("the sources", () => {
  const sources = readSources();

  test("are found", () => {
    expect([...sources.keys()]).toContain("src/core/job.ts");
  });

  test("import downwards only", () => {
    expect(forbiddenImports(sources, RULES)).toEqual([]);
  });

  test("keep each package behind the part that wraps it", () => {
    expect(strayPackages(sources, PACKAGES)).toEqual([]);
  });

  test("take environment and time from where they belong", () => {
    expect(forbiddenText(sources, TEXTS)).toEqual([]);
  });

  test("import in no circle", () => {
    expect(importCycles(sources)).toEqual([]);
  });
});

describe("the rules refuse", () => {
  const importing = (file: string, code: string) => forbiddenImports(new Map([[file, code]]), RULES);

  test.each([
    ["core importing anything", "src/core/job.ts", 'import { a } from "../config/load.ts";\na();'],
    ["sqlite importing redis", "src/storage/sqlite/a.ts", 'import { b } from "../redis/b.ts";\nb();'],
    ["redis importing sqlite", "src/storage/redis/a.ts", 'import { b } from "../sqlite/b.ts";\nb();'],
    ["the storage seam importing a backend", "src/storage/storage.ts", 'export { b } from "./sqlite/b.ts";'],
    ["api importing worker", "src/api/app.ts", 'import { node } from "../worker/node.ts";\nnode();'],
    ["worker importing api", "src/worker/node.ts", 'import { app } from "../api/app.ts";\napp();'],
    ["lab importing drivers", "src/lab/shell.ts", 'import { p } from "../../drivers/cli/p.ts";\np();'],
    [
      "a driver importing the engine",
      "drivers/cli/driver.ts",
      'import { e } from "../../src/engine/e.ts";\ne();',
    ],
    ["a driver importing core past the seam", "drivers/cli/driver.ts", 'import "../../src/core/job.ts";'],
    ["engine importing sessions", "src/engine/run.ts", 'import { s } from "../device/session.ts";\ns();'],
    ["engine importing a backend", "src/engine/run.ts", 'import { s } from "../storage/sqlite/s.ts";\ns();'],
    ["api opening a store", "src/api/app.ts", 'import { open } from "../storage/open.ts";\nopen();'],
    ["cli touching storage", "src/cli/jobs.ts", 'import { s } from "../storage/storage.ts";\ns();'],
    [
      "an import of a type",
      "src/core/job.ts",
      'import type { A } from "../engine/a.ts";\nexport type B = A;',
    ],
    [
      "an inline type of a list",
      "src/core/job.ts",
      'import { type A } from "../engine/a.ts";\nexport type B = A;',
    ],
    ["a type named in place", "src/core/job.ts", 'export type B = import("../engine/a.ts").A;'],
    ["a re-export over lines", "src/core/job.ts", 'export {\n  a,\n  b,\n} from "../engine/a.ts";'],
    ["a dynamic import", "src/core/job.ts", 'export const a = () => import("../engine/a.ts");'],
    ["a worker thread's file", "src/core/job.ts", 'new Worker(new URL("../engine/a.ts", import.meta.url));'],
  ])("%s", (_what, file, code) => {
    const [line = "", ...more] = importing(file, code);
    expect(more).toEqual([]);
    const [specifier = ""] = code.match(/\.\.?\/[^"]+/) ?? [];
    expect(line).toStartWith(`${file}: imports ${specifier} of `);
    expect(line).toContain("may import");
  });

  test("a file of no part", () => {
    expect(importing("src/extra/a.ts", 'import "../core/job.ts";')).toEqual([
      "src/extra/a.ts: is in no part of the table; add its folder",
    ]);
    expect(importing("src/api/app.ts", 'import "../../test/support/ports.ts";')).toEqual([
      "src/api/app.ts: imports ../../test/support/ports.ts, which is in no part of the table",
    ]);
  });

  test("a package outside the part that wraps it", () => {
    const sources = new Map([["src/engine/run.ts", 'import { eq } from "drizzle-orm/sqlite-core";\neq();']]);
    expect(strayPackages(sources, PACKAGES)).toEqual([
      "src/engine/run.ts: imports drizzle-orm/sqlite-core; only src/storage/sqlite may",
    ]);
  });

  test.each([
    ["process.env", "src/engine/run.ts", "export const a = process.env.PATH;"],
    ["Bun.env", "src/main.ts", "export const a = Bun.env.PATH;"],
    ["setTimeout", "drivers/cli/session.ts", "setTimeout(() => {}, 1);"],
    ["Bun.sleep", "src/engine/run.ts", "await Bun.sleep(1);"],
  ])("%s where it does not belong", (used, file, code) => {
    const [line = "", ...more] = forbiddenText(new Map([[file, code]]), TEXTS);
    expect(more).toEqual([]);
    expect(line).toStartWith(`${file}: uses ${used}; `);
  });

  test("a circle of imports, through types too", () => {
    const sources = new Map([
      ["src/core/a.ts", 'import { b } from "./b.ts";\nb();'],
      ["src/core/b.ts", 'import type { C } from "./c.ts";\nexport type B = C;'],
      ["src/core/c.ts", 'export * from "./a.ts";'],
    ]);
    expect(importCycles(sources)).toEqual(["src/core/a.ts → src/core/b.ts → src/core/c.ts → src/core/a.ts"]);
  });
});

test("words in comments are not imports and not uses", () => {
  const code = '/** import { a } from "../api/a.ts" */\n// process.env, setTimeout\nexport const a = 1;\n';
  const sources = new Map([["src/engine/run.ts", code]]);
  expect([...forbiddenImports(sources, RULES), ...forbiddenText(sources, TEXTS)]).toEqual([]);
});
