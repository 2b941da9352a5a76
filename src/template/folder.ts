import { closeSync, constants, fstatSync, openSync, readSync, realpathSync, statSync } from "node:fs";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { TemplateError } from "../core/errors.ts";

/** A file as it was read; `version` changes when it does. */
export interface TemplateFile {
  text: string;
  version: string;
}

/** The folder that templates are read from. Nothing outside it is, by whatever path or link it is named. */
export class TemplateFolder {
  readonly #root: string;
  /** As it was named, for absolute paths that name it so. */
  readonly #given: string;

  /** Throws `TemplateError` when there is no such folder. */
  constructor(path: string) {
    this.#given = resolve(path);
    try {
      this.#root = realpathSync(path);
    } catch (error) {
      throw new TemplateError(`the template folder ${path} cannot be opened`, { cause: error });
    }
    if (!statSync(this.#root).isDirectory()) throw new TemplateError(`${path} is not a folder`);
  }

  /** `path`: inside the folder, or absolute, or a `file:` URL. At most `limit` bytes. */
  read(path: string, limit: number): TemplateFile {
    const inside = this.#resolve(path);
    const file = this.#open(inside, path);
    try {
      this.#confine(inside, file, path);
      return readFile(file, path, limit);
    } finally {
      closeSync(file);
    }
  }

  has(path: string): boolean {
    try {
      return statSync(this.#resolve(path)).isFile();
    } catch {
      return false;
    }
  }

  /** By its words alone, no link followed. */
  #resolve(path: string): string {
    const named = /^file:/i.test(path) ? pathOfUrl(path) : path;
    const inside = isAbsolute(named)
      ? [this.#given, this.#root].map((root) => relative(root, named)).find(isBelow)
      : relative(this.#root, resolve(this.#root, named));
    if (inside === undefined || !isBelow(inside) || named.includes("\0")) throw outside(path);
    return resolve(this.#root, inside);
  }

  /** Not blocking: a named pipe would wait for a writer for ever. */
  #open(inside: string, path: string): number {
    try {
      return openSync(inside, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (error) {
      const notFound = codeOf(error) === "ENOENT";
      const reason = notFound ? "is not in the template folder" : `cannot be read (${codeOf(error)})`;
      throw new TemplateError(`the template ${path} ${reason}`, { notFound, cause: error });
    }
  }

  /**
   * What was opened must be the file that the path leads to once all links are followed, and lie in the
   * folder. Asked after the opening, so that a link that is changed meanwhile changes nothing.
   */
  #confine(inside: string, file: number, path: string): void {
    const real = realpathSync(inside);
    const named = statSync(real);
    const opened = fstatSync(file);
    if (!isBelow(relative(this.#root, real)) || named.dev !== opened.dev || named.ino !== opened.ino)
      throw outside(path);
  }
}

/** Whether a relative path leads downwards. */
function isBelow(way: string): boolean {
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function pathOfUrl(url: string): string {
  try {
    return fileURLToPath(url);
  } catch (error) {
    throw new TemplateError("the template's file URL is not valid; give file:///path", { cause: error });
  }
}

function readFile(file: number, path: string, limit: number): TemplateFile {
  const { size, mtimeMs, ino } = regularFile(file, path);
  if (size > limit) throw new TemplateError(`the template ${path} is longer than ${limit} bytes`);
  const bytes = Buffer.alloc(size);
  let length = 0;
  for (let read = -1; read !== 0 && length < size; length += read) {
    read = readSync(file, bytes, length, size - length, null);
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, length));
    return { text, version: `${ino}:${mtimeMs}:${size}` };
  } catch (error) {
    throw new TemplateError(`the template ${path} is not UTF-8`, { cause: error });
  }
}

function regularFile(file: number, path: string) {
  const status = fstatSync(file);
  if (!status.isFile()) throw new TemplateError(`the template ${path} is not a file`);
  return status;
}

function outside(path: string): TemplateError {
  return new TemplateError(`the template ${path} is outside the template folder`);
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}

/** A folder of templates, or that of a clone of ntc-templates, which has them one level down. */
export function openTemplateFolder(path: string): TemplateFolder {
  const folder = new TemplateFolder(path);
  if (folder.has("index") || !folder.has(join("templates", "index"))) return folder;
  return new TemplateFolder(join(path, "templates"));
}
