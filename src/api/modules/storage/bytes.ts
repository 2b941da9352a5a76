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
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const opened = reader ?? (await files.open(path));
        reader = opened;
        // Another file by now, or one that has become shorter, must not look like the one that was announced.
        const length = opened.size === size ? Math.min(PIECE, end - at) : 0;
        const bytes = await opened.read(at, length).catch(async (error) => {
          await opened.close();
          throw error;
        });
        at += bytes.length;
        if (bytes.length > 0) controller.enqueue(bytes);
        if (bytes.length > 0 && at < end) return;
        await opened.close();
        if (at < end) controller.error(new Error("the file has changed while it was sent"));
        else controller.close();
      },
      cancel: () => reader?.close(),
    },
    { highWaterMark: 0 },
  );
}
