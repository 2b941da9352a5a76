import { createHash } from "node:crypto";
import { CHUNK } from "../../../src/device/transport/sftp.ts";
import type { Site } from "./site.ts";

const BLOCK = 256 * 1024;

/** SHA-256 of the first `length` bytes of something, as hexadecimal digits. */
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

/** Whether a file of the host has this hash: by its own word where that says so, else by reading it. */
export async function hasHash(
  { sftp, hostHash }: Site,
  path: string,
  size: number,
  wanted: string,
): Promise<boolean> {
  if ((await hostHash(path)) === wanted) return true;
  const handle = await sftp.open(path, "read");
  try {
    const read = (offset: number, length: number) => sftp.read(path, handle, offset, Math.min(length, CHUNK));
    return (await hashOf(read, size)) === wanted;
  } finally {
    await sftp.close(handle);
  }
}
