import { createHash } from "node:crypto";
import { readAhead } from "./read.ts";
import type { Site } from "./site.ts";

const BLOCK = 256 * 1024;

/** SHA-256 of the first `length` bytes of something of ours, as hexadecimal digits. */
export async function hashOf(
  read: (offset: number, length: number) => Promise<Uint8Array>,
  length: number,
): Promise<string> {
  const hash = createHash("sha256");
  for (let at = 0; at < length; ) {
    const bytes = await read(at, Math.min(BLOCK, length - at));
    if (bytes.length === 0) break;
    hash.update(bytes);
    at += bytes.length;
  }
  return hash.digest("hex");
}

/**
 * Whether the first `length` bytes of a file of the host have this hash: by the host's own word where that says so, else by
 * reading them. A host that says otherwise may have looked at another file: SFTP can have a root of its own.
 */
export async function hasHash(
  { sftp, hostHash }: Site,
  path: string,
  length: number,
  wanted: string,
): Promise<boolean> {
  if ((await hostHash(path, length)) === wanted) return true;
  const hash = createHash("sha256");
  for await (const bytes of readAhead(sftp, path, { start: 0, end: length })) hash.update(bytes);
  return hash.digest("hex") === wanted;
}
