import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import {
  type FileHandle,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { FileError } from "../core/errors.ts";
import { localPathProblem, RESERVED } from "../core/file-transfer.ts";
import type { FileFolder, FileReader, FileState, FileWriter } from "../core/files.ts";

/** Holds the folder's identity, so that those who share it know. */
export const ID_FILE = `${RESERVED}folder`;
const ID = /^[0-9a-f-]{36}$/;
const PART = `${RESERVED}part-`;

/** Where the storage folder is, and what it takes. */
export interface FolderTerms {
  dir: string;
  /** Largest file, bytes. */
  maxSize: number;
}

/** Opens the storage folder; makes it, and its identity, where they are not there yet. */
export async function openFileFolder({ dir, maxSize }: FolderTerms): Promise<FileFolder> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  return new ConfinedFolder(dir, maxSize, await identity(join(dir, ID_FILE)));
}

/** Of several that make it at once one wins; the others read what it wrote. */
async function identity(file: string): Promise<string> {
  const fresh = `${file}-${randomUUID()}`;
  const read = async () => (await readFile(file, "utf8").catch(absent))?.trim() ?? null;
  if ((await read()) === null) {
    await writeFile(fresh, `${randomUUID()}\n`, { mode: 0o600 });
    await link(fresh, file).catch((error) => {
      if (codeOf(error) !== "EEXIST") throw error;
    });
    await rm(fresh, { force: true });
  }
  const id = await read();
  if (id === null || !ID.test(id)) throw new Error(`${file} does not hold the identity of a storage folder`);
  return id;
}

/**
 * Paths are checked part by part before each use, and files are opened without following links. Nothing of ours makes a
 * link in the folder; whoever else can write to it could swap a folder for one in between, and is trusted not to.
 */
class ConfinedFolder implements FileFolder {
  readonly #dir: string;
  readonly id: string;
  readonly maxSize: number;

  constructor(dir: string, maxSize: number, id: string) {
    this.#dir = dir;
    this.maxSize = maxSize;
    this.id = id;
  }

  async stat(path: string): Promise<FileState | null> {
    const full = await this.#resolve(path);
    const found = full === null ? null : await lstat(full).catch(absent);
    if (found === null || !(found.isFile() || found.isDirectory())) return null;
    return { kind: found.isFile() ? "file" : "folder", size: found.size, modifiedAt: found.mtimeMs };
  }

  async list(path: string): Promise<string[]> {
    const full = path === "" ? this.#dir : await this.#resolve(path);
    const entries = full === null ? [] : await readdir(full, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() || entry.isDirectory())
      .map(({ name }) => name)
      .filter((name) => !name.startsWith(RESERVED))
      .sort();
  }

  async open(path: string): Promise<FileReader> {
    const full = await this.#resolve(path);
    const handle = full === null ? null : await openFile(full, constants.O_RDONLY).catch(absent);
    if (handle === null) throw new FileError("not_found", "is not in the storage folder");
    const found = await handle.stat();
    if (!found.isFile()) {
      await handle.close();
      throw new FileError("invalid", "is not a file");
    }
    return {
      size: found.size,
      read: (offset, length) => readAt(handle, offset, length),
      close: () => handle.close(),
    };
  }

  async create(path: string, { resume }: { resume: boolean }): Promise<FileWriter> {
    const { folder, name, target } = await this.#place(path);
    const left = partOf(folder, name);
    // Two that write the same file must not write the same part of it: whoever goes on with one takes it away first.
    const part = `${left}-${randomUUID()}`;
    if (resume) await rename(left, part).catch(absent);
    const flags = constants.O_RDWR | constants.O_CREAT | (resume ? 0 : constants.O_EXCL);
    const handle = await openFile(part, flags).catch((error) => {
      throw noSpace(error) ?? error;
    });
    const { size } = await handle.stat();
    const placeOf = async (other: string) => (await this.#place(other)).target;
    return new PartFile({ handle, part, left, target, placeOf, size, maxSize: this.maxSize });
  }

  /** Where a file is to be, with the folders on the way. */
  async #place(path: string): Promise<{ folder: string; name: string; target: string }> {
    const names = path.split("/");
    const name = names.pop() ?? "";
    const folder = await this.#folder(path, names);
    const target = join(folder, name);
    const found = await lstat(target).catch(absent);
    if (found !== null && !found.isFile()) throw new FileError("invalid", "is there already, and is no file");
    return { folder, name, target };
  }

  async remove(path: string): Promise<boolean> {
    const full = await this.#resolve(path);
    const found = full === null ? null : await lstat(full).catch(absent);
    if (full === null || !found?.isFile()) return false;
    await rm(full, { force: true });
    return true;
  }

  /** The path on this machine; null where a folder on the way is not there. */
  async #resolve(path: string): Promise<string | null> {
    assertPath(path);
    const names = path.split("/");
    let at = this.#dir;
    for (const name of names.slice(0, -1)) {
      at = join(at, name);
      const found = await lstat(at).catch(absent);
      if (found === null) return null;
      if (!found.isDirectory()) throw new FileError("invalid", "leads through something that is no folder");
    }
    return join(at, names.at(-1) ?? "");
  }

  /** Makes the folders on the way, one by one: `mkdir` for all of them would follow links. */
  async #folder(path: string, names: string[]): Promise<string> {
    assertPath(path);
    let at = this.#dir;
    for (const name of names) {
      at = join(at, name);
      await mkdir(at, { mode: 0o700 }).catch((error) => {
        if (codeOf(error) !== "EEXIST") throw noSpace(error) ?? error;
      });
      if (!(await lstat(at)).isDirectory())
        throw new FileError("invalid", "leads through something that is no folder");
    }
    return at;
  }
}

function assertPath(path: string): void {
  const problem = localPathProblem(path);
  if (problem !== null) throw new FileError("invalid", problem);
}

/** What an attempt leaves of a file. A hash: the name itself may be as long as a name can be. */
function partOf(folder: string, name: string): string {
  const digest = new Bun.CryptoHasher("sha256").update(name).digest("hex").slice(0, 32);
  return join(folder, `${PART}${digest}`);
}

function openFile(path: string, flags: number): Promise<FileHandle> {
  return open(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o600);
}

async function readAt(handle: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(length);
  let got = 0;
  while (got < length) {
    const { bytesRead } = await handle.read(buffer, got, length - got, offset + got);
    if (bytesRead === 0) break;
    got += bytesRead;
  }
  return buffer.subarray(0, got);
}

interface PartFileParts {
  handle: FileHandle;
  part: string;
  /** What `part` is called when it is left for a later attempt. */
  left: string;
  target: string;
  placeOf(path: string): Promise<string>;
  size: number;
  maxSize: number;
}

class PartFile implements FileWriter {
  readonly #parts: PartFileParts;
  #size: number;
  #closed = false;

  constructor(parts: PartFileParts) {
    this.#parts = parts;
    this.#size = parts.size;
  }

  get size(): number {
    return this.#size;
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    return readAt(this.#parts.handle, offset, length);
  }

  async append(bytes: Uint8Array): Promise<void> {
    const { handle, maxSize } = this.#parts;
    if (this.#size + bytes.length > maxSize) {
      throw new FileError("too_large", `is larger than storage_files.max_size (${maxSize} bytes)`);
    }
    try {
      for (let at = 0; at < bytes.length; ) {
        const { bytesWritten } = await handle.write(bytes, at, bytes.length - at, this.#size);
        at += bytesWritten;
        this.#size += bytesWritten;
      }
    } catch (error) {
      throw noSpace(error) ?? error;
    }
  }

  async restart(): Promise<void> {
    await this.#parts.handle.truncate(0);
    this.#size = 0;
  }

  /** On the disk before it has its name: a crash leaves all of it, or nothing. */
  async commit(path?: string): Promise<void> {
    const { handle, part, target, placeOf } = this.#parts;
    const place = path === undefined ? target : await placeOf(path);
    await handle.sync();
    await rename(part, place);
    this.#closed = true;
    await handle.close();
  }

  async close({ keep }: { keep: boolean }): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const { handle, part, left } = this.#parts;
    await handle.close();
    if (keep) await rename(part, left);
    else await rm(part, { force: true });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** For what is not there, or is a link. */
function absent(error: unknown): null {
  if (["ENOENT", "ENOTDIR", "ELOOP"].includes(codeOf(error))) return null;
  throw error;
}

function noSpace(error: unknown): FileError | null {
  const full = ["ENOSPC", "EDQUOT"].includes(codeOf(error));
  return full ? new FileError("full", "does not fit: the disk of the storage folder is full") : null;
}
