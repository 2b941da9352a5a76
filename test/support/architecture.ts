import { dirname, join, normalize } from "node:path";

/** Path from the top of the repository → source text. */
export type Sources = ReadonlyMap<string, string>;

export interface ImportEdge {
  file: string;
  /** As it is written. */
  specifier: string;
  /** The imported file, from the top of the repository; `null` for a package or a built-in module. */
  target: string | null;
}

/** `part` (a folder or a file, the longest match counts) may import from `mayImport` and from itself. */
export interface PartRule {
  part: string;
  mayImport: readonly string[];
}

/** Only files under `onlyIn` may import `packages`. */
export interface PackageRule {
  packages: readonly string[];
  onlyIn: readonly string[];
}

/** No source under `under` may match `pattern`, but for the files of `except`. */
export interface TextRule {
  rule: string;
  pattern: RegExp;
  under: readonly string[];
  except: readonly string[];
}

/** Every import of a source, dynamic, type-only and `new URL("./x", import.meta.url)` ones included. */
export function importsOf(file: string, source: string): ImportEdge[] {
  const code = withoutComments(source);
  const parsed = new Bun.Transpiler({ loader: file.endsWith("x") ? "tsx" : "ts" })
    .scanImports(source)
    .map((found) => found.path);
  const written = [...IMPORTS.flatMap((pattern) => [...code.matchAll(pattern)])].map(([, path = ""]) => path);
  return [...new Set([...parsed, ...written])].map((specifier) => ({
    file,
    specifier,
    target: specifier.startsWith(".") ? normalize(join(dirname(file), specifier)) : null,
  }));
}

/** The parser leaves out what is imported for its type alone; these find it as it is written. */
const IMPORTS = [
  /^(?:import|export)\b[^"';]*\bfrom\s*["']([^"']+)["']/gm,
  /^import\s*["']([^"']+)["']/gm,
  /\bimport\(\s*["']([^"']+)["']/g,
  /\bnew URL\(\s*["'](\.[^"']+)["']\s*,\s*import\.meta\.url/g,
];

/** Comments that stand on lines of their own: enough, as the formatter leaves hardly any others. */
function withoutComments(source: string): string {
  return source.replace(/^\s*\/\*[\s\S]*?\*\//gm, "").replace(/^\s*\/\/.*$/gm, "");
}

/** Imports against the table of parts: one line each, saying which file, which import, which rule. */
export function forbiddenImports(sources: Sources, rules: readonly PartRule[]): string[] {
  return edges(sources).flatMap(({ file, specifier, target }) => {
    if (target === null) return [];
    const from = partOf(file, rules);
    const to = partOf(target, rules);
    if (from === null) return [`${file}: is in no part of the table; add its folder`];
    if (to === null) return [`${file}: imports ${specifier}, which is in no part of the table`];
    if (from.part === to.part || from.mayImport.includes(to.part)) return [];
    const allowed = from.mayImport.length === 0 ? "nothing else" : from.mayImport.join(", ");
    return [`${file}: imports ${specifier} of ${to.part}; ${from.part} may import ${allowed}`];
  });
}

/** Packages imported elsewhere than in the one place that wraps them. */
export function strayPackages(sources: Sources, rules: readonly PackageRule[]): string[] {
  return edges(sources).flatMap(({ file, specifier, target }) =>
    rules
      .filter(({ packages }) => target === null && packages.some((name) => isOrUnder(specifier, name)))
      .filter(({ onlyIn }) => !onlyIn.some((place) => isOrUnder(file, place)))
      .map(({ onlyIn }) => `${file}: imports ${specifier}; only ${onlyIn.join(", ")} may`),
  );
}

/** Lines that a rule forbids where they are. */
export function forbiddenText(sources: Sources, rules: readonly TextRule[]): string[] {
  return [...sources].flatMap(([file, source]) =>
    rules
      .filter(({ under, except }) => isInAny(file, under) && !isInAny(file, except))
      .flatMap(({ rule, pattern }) => {
        const found = withoutComments(source).match(pattern);
        return found === null ? [] : [`${file}: uses ${found[0]}; ${rule}`];
      }),
  );
}

/** Circles of imports, each once, as `a → b → a`. Type-only imports count: a circle of types is one too. */
export function importCycles(sources: Sources): string[] {
  const targets = new Map<string, string[]>();
  for (const { file, target } of edges(sources)) {
    if (target !== null) targets.set(file, [...(targets.get(file) ?? []), target]);
  }
  const cycles = new Set<string>();
  const finished = new Set<string>();
  const visit = (file: string, path: string[]) => {
    const start = path.indexOf(file);
    if (start >= 0) cycles.add([...path.slice(start), file].join(" → "));
    if (start >= 0 || finished.has(file)) return;
    for (const next of targets.get(file) ?? []) visit(next, [...path, file]);
    finished.add(file);
  };
  for (const file of [...targets.keys()].sort()) visit(file, []);
  return [...cycles];
}

function edges(sources: Sources): ImportEdge[] {
  return [...sources].flatMap(([file, source]) => importsOf(file, source));
}

function partOf(file: string, rules: readonly PartRule[]): PartRule | null {
  const holding = rules.filter(({ part }) => isOrUnder(file, part));
  return holding.sort((a, b) => b.part.length - a.part.length)[0] ?? null;
}

function isInAny(file: string, places: readonly string[]): boolean {
  return places.some((place) => isOrUnder(file, place));
}

function isOrUnder(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`);
}
