import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TempDir {
  readonly path: string;
  /** The path of `name` inside it. */
  file(name: string): string;
  remove(): void;
  [Symbol.dispose](): void;
}

/** A new empty folder, for this user alone unless `mode` says otherwise; `using` removes it. */
export function tempDir(label = "dir", mode = 0o700, parent = tmpdir()): TempDir {
  const path = mkdtempSync(join(parent, `netpulse-${label}-`));
  chmodSync(path, mode);
  const remove = () => rmSync(path, { recursive: true, force: true });
  return { path, file: (name) => join(path, name), remove, [Symbol.dispose]: remove };
}
