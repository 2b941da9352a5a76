/** Imported with `{ type: "file" }`: the module is the file's path, also inside a compiled binary. */
declare module "minijinja-js/dist/web/minijinja_js_bg.wasm" {
  const path: string;
  export default path;
}
