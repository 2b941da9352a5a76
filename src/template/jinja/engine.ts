import { readFileSync } from "node:fs";
import { Environment, initSync } from "minijinja-js/dist/web/minijinja_js.js";
// The package's other entries look for this file beside them, where a compiled binary has none.
import wasmPath from "minijinja-js/dist/web/minijinja_js_bg.wasm" with { type: "file" };
import { PAGE, withMemoryLimit } from "./memory-limit.ts";

export type { Environment } from "minijinja-js/dist/web/minijinja_js.js";

let begun: number | null = null;

/** A fresh environment. The module is loaded once in a process, with the memory that is asked for first. */
export function openEnvironment(memory: number): Environment {
  if (begun === null) {
    initSync({ module: withMemoryLimit(readFileSync(wasmPath), Math.ceil(memory / PAGE)) });
    begun = memory;
  }
  return new Environment();
}
