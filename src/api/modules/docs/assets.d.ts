/** Imported with `{ type: "file" }`: the module is the file's path, also inside a compiled binary. */
declare module "swagger-ui-dist/*" {
  const path: string;
  export default path;
}
