import { CHUNK, type Sftp } from "../../../src/device/transport/sftp.ts";
import { WINDOW } from "./site.ts";

/** A part of a file of the host: many reads are under way, and are given in their order. Ends early where the file does. */
export async function* readAhead(
  sftp: Sftp,
  path: string,
  part: { start: number; end: number },
): AsyncGenerator<Uint8Array> {
  const handle = await sftp.open(path, "read");
  const ask = (offset: number, length: number) => {
    const bytes = sftp.read(path, handle, offset, length);
    bytes.catch(() => {}); // of several that fail the first is heard of
    return { offset, length, bytes };
  };
  const asked: ReturnType<typeof ask>[] = [];
  let next = part.start;
  try {
    while (next < part.end || asked.length > 0) {
      while (asked.length < WINDOW && next < part.end) {
        const length = Math.min(CHUNK, part.end - next);
        asked.push(ask(next, length));
        next += length;
      }
      const first = asked.shift();
      if (first === undefined) return;
      const bytes = await first.bytes;
      if (bytes.length === 0) return;
      yield bytes;
      const rest = first.length - bytes.length;
      if (rest > 0) asked.unshift(ask(first.offset + bytes.length, rest));
    }
  } finally {
    await sftp.close(handle);
  }
}

/** As far as there is something: a file of /proc says that it is empty, and is not. */
export async function* readToEnd(sftp: Sftp, path: string): AsyncGenerator<Uint8Array> {
  const handle = await sftp.open(path, "read");
  try {
    for (let at = 0; ; ) {
      const bytes = await sftp.read(path, handle, at, CHUNK);
      if (bytes.length === 0) return;
      at += bytes.length;
      yield bytes;
    }
  } finally {
    await sftp.close(handle);
  }
}
