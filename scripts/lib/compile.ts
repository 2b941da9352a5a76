import { resolve } from "node:path";
import type { BunPlugin } from "bun";

const ROOT = resolve(import.meta.dir, "../..");
/** The program, and the threads that it starts. */
const ENTRIES = ["src/main.ts", "src/storage/sqlite/examination/thread.ts"];

export interface Compilation {
  outfile: string;
  /** Told by `--version`. */
  commit: string;
  /** Bun's name of the machine it is for; absent: this one. Its toolchain is fetched where it is not here. */
  target?: Bun.Build.CompileTarget;
}

/**
 * The whole program as one file, which takes nothing from the folder it is started in. Rejects with what the bundler
 * said.
 */
export async function compileProgram({ outfile, commit, target }: Compilation): Promise<void> {
  const { success, logs } = await Bun.build({
    entrypoints: ENTRIES.map((entry) => resolve(ROOT, entry)),
    root: resolve(ROOT, "src"),
    target: "bun",
    // Bytecode alone implies CommonJS, which has no top-level await.
    format: "esm",
    bytecode: true,
    minify: true,
    // A role loads the chunks that it needs.
    splitting: true,
    sourcemap: "none",
    define: { NETPULSE_COMMIT: JSON.stringify(commit), "process.env.NODE_ENV": '"production"' },
    plugins: [withoutNativeParts],
    throw: false,
    compile: {
      outfile,
      autoloadDotenv: false,
      autoloadBunfig: false,
      autoloadTsconfig: false,
      autoloadPackageJson: false,
      ...(target === undefined ? {} : { target }),
    },
  });
  if (!success) throw new Error(logs.map(({ message }) => message).join("; "));
}

/**
 * Native parts that ssh2 does without. Left as they are they would be looked for at run time, and a binary looks in the
 * `node_modules` of the folder it is started in.
 */
const withoutNativeParts: BunPlugin = {
  name: "without native parts",
  setup(build) {
    build.onResolve({ filter: /^cpu-features$|\.node$/ }, ({ path }) => ({ path, namespace: "left-out" }));
    build.onLoad({ filter: /.*/, namespace: "left-out" }, ({ path }) => ({
      contents: `throw new Error(${JSON.stringify(`${path} is left out`)});`,
      loader: "js",
    }));
  },
};
