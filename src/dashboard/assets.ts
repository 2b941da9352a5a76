import { basename, extname, resolve } from "node:path";

/** A file of the dashboard. Its name changes with its content. */
export interface Asset {
  type: string;
  bytes: Uint8Array<ArrayBuffer>;
  /** The same compressed, for who takes it so. */
  gzip: Uint8Array<ArrayBuffer>;
}

/** The dashboard as browsers get it. */
export interface Dashboard {
  /** The page itself, which names its files relative to where it stands. */
  html: string;
  assets: ReadonlyMap<string, Asset>;
}

/** Made when it is first asked for, so that the start of a server does not wait for it. */
export function lazyDashboard(folder: string): () => Promise<Dashboard> {
  let made: Promise<Dashboard> | undefined;
  return () => {
    made ??= makeDashboard(folder).catch((error) => {
      made = undefined; // the next one who asks tries again
      throw error;
    });
    return made;
  };
}

async function makeDashboard(folder: string): Promise<Dashboard> {
  const files = await (isCompiled() ? embeddedFiles() : bundle());
  const html = files.find(({ type }) => type.startsWith("text/html"));
  if (html === undefined) throw new Error("the dashboard has no page");
  const assets = files.filter((file) => file !== html);
  return {
    html: naming(new TextDecoder().decode(html.bytes), folder),
    assets: new Map(
      assets.map(({ name, type, bytes }) => [name, { type, bytes, gzip: Bun.gzipSync(bytes) }]),
    ),
  };
}

interface BuiltFile {
  name: string;
  type: string;
  bytes: Uint8Array<ArrayBuffer>;
}

function isCompiled(): boolean {
  return !Bun.main.endsWith(".ts");
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html;charset=utf-8",
  ".js": "text/javascript;charset=utf-8",
  ".css": "text/css;charset=utf-8",
  ".svg": "image/svg+xml",
};

async function embeddedFiles(): Promise<BuiltFile[]> {
  const { EMBEDDED } = await import("./embedded.ts");
  return (JSON.parse(EMBEDDED) as [string, string][]).map(([name, text]) => ({
    name,
    type: TYPES[extname(name)] ?? "application/octet-stream",
    bytes: new Uint8Array(new TextEncoder().encode(text)),
  }));
}

async function bundle(): Promise<BuiltFile[]> {
  const { outputs } = await Bun.build({
    entrypoints: [resolve(import.meta.dir, "browser/index.html")],
    target: "browser",
    minify: true,
    jsx: { runtime: "automatic", importSource: "preact", development: false },
  });
  return await Promise.all(
    outputs.map(async (output) => ({
      name: basename(output.path),
      type: output.type,
      bytes: new Uint8Array(await output.arrayBuffer()),
    })),
  );
}

/** The bundler puts files beside the page. */
function naming(html: string, folder: string): string {
  return html.replace(/\b(href|src)="\.?\/([^"/]+)"/g, `$1="${folder}/$2"`);
}
