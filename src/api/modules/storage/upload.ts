import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "../../../core/clock.ts";
import { localNameProblem } from "../../../core/file-transfer.ts";
import type { FileFolder } from "../../../core/files.ts";
import { HttpError, invalidFields } from "../../http-error.ts";
import { boundaryOf, fileOfForm, type SentFile } from "./multipart.ts";

export interface UploadDeps {
  files: FileFolder;
  clock: Clock;
  /** How long a client may take, ms. */
  timeoutMs: number;
}

export interface Uploaded {
  path: string;
  size: number;
  sha256: string;
}

/** Part of the body may still be on its way. */
const CLOSE = { connection: "close" };
/** What a form has around its file. */
const FORM = 64 * 1024;

/** Takes the file of a request to the storage folder as it comes. */
export async function receiveFile(
  deps: UploadDeps,
  request: Request,
  asked: string | undefined,
): Promise<Uploaded> {
  const { files, clock, timeoutMs } = deps;
  const type = request.headers.get("content-type") ?? "";
  const boundary = boundaryOf(type);
  if (/^multipart\//i.test(type) && boundary === null) {
    throw new HttpError(415, "send multipart/form-data with a boundary, or the file as it is", {
      headers: CLOSE,
    });
  }
  if (Number(request.headers.get("content-length") ?? 0) > files.maxSize + FORM) throw tooLarge(files);
  const body = new TimedBody(request, clock, timeoutMs);
  try {
    const sent: SentFile =
      boundary === null ? { name: null, bytes: body.pieces() } : await fileOfForm(body.pieces(), boundary);
    return await store(files, nameOf(asked ?? sent.name ?? "file"), sent.bytes);
  } finally {
    body.end();
  }
}

function nameOf(name: string): string {
  // Some clients send the whole path, with the separators of their own machine.
  const last = name.split(/[/\\]/).at(-1) ?? "";
  const problem = localNameProblem(last);
  if (problem !== null)
    throw invalidFields([{ loc: ["query", "name"], msg: `the name of the file ${problem}` }]);
  return last;
}

/** In a folder of its own: names of different files may be the same. */
async function store(files: FileFolder, name: string, bytes: AsyncIterable<Uint8Array>): Promise<Uploaded> {
  const path = `uploads/${randomBytes(12).toString("hex")}/${name}`;
  const writer = await files.create(path, { resume: false });
  const hash = createHash("sha256");
  try {
    for await (const piece of bytes) {
      if (writer.size + piece.length > files.maxSize) throw tooLarge(files);
      hash.update(piece);
      await writer.append(piece);
    }
    const { size } = writer;
    await writer.commit();
    return { path, size, sha256: hash.digest("hex") };
  } finally {
    await writer.close({ keep: false });
  }
}

function tooLarge({ maxSize }: FileFolder): HttpError {
  return new HttpError(413, `the file is larger than ${maxSize} bytes; raise storage_files.max_size`, {
    headers: CLOSE,
  });
}

interface BodyReader {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
}

/** A request's body, for so long. */
class TimedBody {
  readonly #reader: BodyReader | null;
  readonly #late = Promise.withResolvers<never>();
  readonly #timer: { cancel(): void };
  #done = false;

  constructor(request: Request, clock: Clock, timeoutMs: number) {
    this.#reader = request.body?.getReader() ?? null;
    this.#late.promise.catch(() => {});
    const message = `the file did not arrive within ${timeoutMs / 1000} s (storage_files.upload_timeout)`;
    this.#timer = clock.after(timeoutMs, () =>
      this.#late.reject(new HttpError(408, message, { headers: CLOSE })),
    );
  }

  async *pieces(): AsyncGenerator<Uint8Array> {
    while (this.#reader !== null) {
      const next = await Promise.race([this.#reader.read(), this.#late.promise]).catch((error) => {
        if (error instanceof HttpError) throw error;
        throw new HttpError(400, "the body broke off", { headers: CLOSE, cause: error });
      });
      if (next.done || next.value === undefined) {
        this.#done = true;
        return;
      }
      yield next.value;
    }
  }

  /** What has not been read is not wanted. */
  end(): void {
    this.#timer.cancel();
    if (!this.#done) this.#reader?.cancel().catch(() => {});
  }
}
