import type { FileFolder, FileReader } from "../../../core/files.ts";

const PIECE = 256 * 1024;

/** Read as fast as the client takes it; opened when it takes the first of it, as it may have gone away before. */
export function bytesOf(
  files: FileFolder,
  path: string,
  { size, start, end }: { size: number; start: number; end: number },
): ReadableStream<Uint8Array> {
  let at = start;
  let reader: FileReader | null = null;
  let left = false;

  /** Closes the file, unless that was done. */
  async function done(): Promise<void> {
    const opened = reader;
    reader = null;
    left = true;
    await opened?.close();
  }

  async function next(
    opened: FileReader,
    controller: ReadableStreamDefaultController<Uint8Array>,
  ): Promise<void> {
    // Another file by now, or one that has become shorter, must not look like the one that was announced.
    const length = opened.size === size ? Math.min(PIECE, end - at) : 0;
    const bytes = await opened.read(at, length);
    if (left) return;
    at += bytes.length;
    if (bytes.length > 0) controller.enqueue(bytes);
    if (bytes.length > 0 && at < end) return;
    await done();
    if (at < end) controller.error(new Error("the file has changed while it was sent"));
    else controller.close();
  }

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        reader ??= await files.open(path);
        // The client may go away while the file is being opened: then nobody else closes it.
        if (left) return await done();
        try {
          await next(reader, controller);
        } catch (error) {
          await done();
          throw error;
        }
      },
      cancel: done,
    },
    { highWaterMark: 0 },
  );
}
