import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { mustAsRoot } from "../process.ts";
import { tempDir } from "../tempdir.ts";

/** A file system of its own that is soon full. */
export interface SmallDisk {
  readonly path: string;
  file(name: string): string;
  /** Takes all space that is left, to the last page. */
  fill(): void;
  /** Gives it back. */
  free(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** In memory, so that only its size can make it fail. Needs root, as mounting does. */
export async function smallDisk(sizeMiB: number): Promise<SmallDisk> {
  const folder = tempDir("disk");
  const owner = `uid=${process.getuid?.() ?? 0},gid=${process.getgid?.() ?? 0}`;
  const options = `size=${sizeMiB}m,mode=0700,${owner}`;
  await mustAsRoot(["mount", "-t", "tmpfs", "-o", options, "netpulse-test", folder.path]);
  const filler = folder.file("filler");
  return {
    path: folder.path,
    file: folder.file,
    fill: () => fillUp(filler),
    free: () => rmSync(filler, { force: true }),
    async [Symbol.asyncDispose]() {
      await mustAsRoot(["umount", folder.path]);
      folder.remove();
    },
  };
}

function fillUp(path: string): void {
  const file = openSync(path, "a");
  try {
    for (let size = 1024 * 1024; size >= 4096; ) {
      try {
        writeSync(file, Buffer.alloc(size));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
        size /= 2;
      }
    }
  } finally {
    closeSync(file);
  }
}
