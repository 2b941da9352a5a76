import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "../../../core/clock.ts";
import { localNameProblem } from "../../../core/file-transfer.ts";
import type { FileFolder } from "../../../core/files.ts";
import { HttpError, invalidFields } from "../../http-error.ts";
import { formBoundary, TimedBody, tooLarge } from "./body.ts";
import { formParts } from "./multipart.ts";

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

/** A file that has come whole, and is not in its place yet. */
export interface StagedFile {
  name: string;
  size: number;
  sha256: string;
  /** It takes its place: the one that it was made for, or another. */
  keep(path?: string): Promise<void>;
  /** Removes it, unless it is kept. Idempotent. */
  discard(): Promise<void>;
}

/** Takes the file of a request to the storage folder as it comes. */
export async function receiveFile(
  { files, clock, timeoutMs }: UploadDeps,
  request: Request,
  asked: string | undefined,
): Promise<Uploaded> {
  const boundary = formBoundary(request);
  const body = new TimedBody(request, { clock, timeoutMs, maxSize: files.maxSize });
  try {
    if (boundary === null) return await store(files, asked, body.pieces());
    for await (const { fileName, bytes } of formParts(body.pieces(), boundary)) {
      if (fileName !== undefined) return await store(files, asked ?? fileName, bytes);
    }
    throw new HttpError(400, "the form has no file; send a field with a file name");
  } finally {
    body.end();
  }
}

/** In a folder of its own: names of different files may be the same. */
async function store(
  files: FileFolder,
  name: string | null | undefined,
  bytes: AsyncIterable<Uint8Array>,
): Promise<Uploaded> {
  const path = `uploads/${randomBytes(12).toString("hex")}/${nameOf(name, ["query", "name"])}`;
  const { size, sha256, keep } = await stage(files, path, bytes);
  await keep();
  return { path, size, sha256 };
}

/** `loc`: whose fault it is when it is no name. */
export function nameOf(name: string | null | undefined, loc: string[]): string {
  // Some clients send the whole path, with the separators of their own machine.
  const last = (name ?? "file").split(/[/\\]/).at(-1) ?? "";
  const problem = localNameProblem(last);
  if (problem !== null) throw invalidFields([{ loc, msg: `the name of the file ${problem}` }]);
  return last;
}

/** Takes a file whose place is `path`. */
export async function stage(
  files: FileFolder,
  path: string,
  bytes: AsyncIterable<Uint8Array>,
): Promise<StagedFile> {
  const writer = await files.create(path, { resume: false });
  const discard = () => writer.close({ keep: false });
  const hash = createHash("sha256");
  try {
    for await (const piece of bytes) {
      if (writer.size + piece.length > files.maxSize) throw tooLarge(files.maxSize);
      hash.update(piece);
      await writer.append(piece);
    }
  } catch (error) {
    await discard();
    throw error;
  }
  return {
    name: path.slice(path.lastIndexOf("/") + 1),
    size: writer.size,
    sha256: hash.digest("hex"),
    keep: (place) => writer.commit(place),
    discard,
  };
}
