import type { Clock } from "../core/clock.ts";
import { FileError } from "../core/errors.ts";
import { idOfFile } from "../core/file-transfer.ts";
import type { FileFolder, FileReader, FileState, FileWriter } from "../core/files.ts";

/** How the folder of an API is reached, for one transfer. */
export interface RemoteTerms {
  /** Of an API. */
  url: string;
  /** What lets us have the files of one transfer. */
  grant: string;
  /** Identity of the folder that is meant: behind one address there may be several APIs. */
  folder: string;
  /** Keeps what is not whole yet. */
  own: FileFolder;
  clock: Clock;
  signal: AbortSignal;
}

/** Fetched at once: a request for each chunk of SFTP would cost more than the chunk. */
const BLOCK = 4 * 1024 * 1024;
const PIECE = 256 * 1024;

/** How long an API may take for what is not a whole file, ms. */
const PATIENCE_MS = 60_000;

/** The storage folder of an API on another machine, over HTTP. No more than a block of a file is held. */
export class RemoteFolder implements FileFolder {
  readonly #terms: RemoteTerms;

  constructor(terms: RemoteTerms) {
    this.#terms = terms;
  }

  get id(): string {
    return this.#terms.folder;
  }

  get maxSize(): number {
    return this.#terms.own.maxSize;
  }

  async stat(path: string): Promise<FileState | null> {
    return (await this.#json(path, "/state")) as FileState | null;
  }

  async list(path: string): Promise<string[]> {
    return (await this.#json(path, "/names")) as string[];
  }

  async open(path: string): Promise<FileReader> {
    const found = await this.stat(path);
    if (found === null) throw new FileError("not_found", "is not in the storage folder");
    if (found.kind !== "file") throw new FileError("invalid", "is not a file");
    return new RemoteFile(found.size, (start, end) => this.#block(path, found, { start, end }));
  }

  /** Written here first, so that an attempt that breaks off is gone on with; sent when it is whole. */
  async create(path: string, options: { resume: boolean }): Promise<FileWriter> {
    const writer = await this.#terms.own.create(path, options);
    return {
      get size() {
        return writer.size;
      },
      read: (offset, length) => writer.read(offset, length),
      append: (bytes) => writer.append(bytes),
      restart: () => writer.restart(),
      close: (how) => writer.close(how),
      commit: async (place = path) => {
        await this.#send(place, writer);
        await writer.close({ keep: false });
      },
    };
  }

  remove(): Promise<boolean> {
    return Promise.reject(new FileError("invalid", "is not for a node to remove"));
  }

  async #json(path: string, what: string): Promise<unknown> {
    return await this.#patiently(async (signal) => {
      const response = await this.#fetch(path, what, { signal });
      const { data } = (await response.json()) as { data: unknown };
      return data;
    });
  }

  async #block(
    path: string,
    { size, modifiedAt }: FileState,
    { start, end }: { start: number; end: number },
  ): Promise<Uint8Array> {
    const of = `?size=${size}&modified_at=${modifiedAt}`;
    return await this.#patiently(async (signal) => {
      const headers = { range: `bytes=${start}-${end - 1}` };
      const response = await this.#fetch(path, of, { headers, signal });
      return new Uint8Array(await response.arrayBuffer());
    });
  }

  async #send(path: string, writer: FileWriter): Promise<void> {
    let at = 0;
    const body = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const bytes = await writer.read(at, Math.min(PIECE, writer.size - at));
          at += bytes.length;
          if (bytes.length > 0) controller.enqueue(bytes);
          else controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    const headers = { "content-type": "application/octet-stream" };
    const { signal } = this.#terms;
    const init = { method: "PUT", headers, body, signal };
    const response = await this.#fetch(path, `?size=${writer.size}`, init);
    await response.body?.cancel();
  }

  /** Under a time limit. */
  async #patiently<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const late = new AbortController();
    const timer = this.#terms.clock.after(PATIENCE_MS, () => late.abort(new Error("it does not answer")));
    try {
      return await ask(AbortSignal.any([this.#terms.signal, late.signal]));
    } finally {
      timer.cancel();
    }
  }

  async #fetch(path: string, rest: string, init: RequestInit): Promise<Response> {
    const { url, grant, folder, signal } = this.#terms;
    const address = `${url.replace(/\/+$/, "")}/node/files/${idOfFile(path)}${rest}`;
    const headers = { ...init.headers, authorization: `Bearer ${grant}`, "x-netpulse-folder": folder };
    let response: Response;
    try {
      response = await fetch(address, { ...init, headers, redirect: "error" });
    } catch (error) {
      signal.throwIfAborted();
      const why = error instanceof Error ? error.message : String(error);
      throw new FileError("unreachable", `could not be had from ${url}: ${why}`, { cause: error });
    }
    if (response.ok) return response;
    throw await refusalOf(response, url);
  }
}

const KINDS: Record<number, FileError["kind"]> = {
  404: "not_found",
  409: "invalid",
  413: "too_large",
  422: "invalid",
  507: "full",
};

async function refusalOf(response: Response, url: string): Promise<FileError> {
  const kind = KINDS[response.status] ?? "unreachable";
  const said = (await response.json().catch(() => null)) as { message?: unknown } | null;
  const message = typeof said?.message === "string" ? said.message : `status ${response.status}`;
  const ours = /^the file (.*)$/s.exec(message)?.[1];
  return new FileError(kind, ours ?? `could not be had from ${url}: ${message}`);
}

/** Read on and on, as a rule. */
class RemoteFile implements FileReader {
  readonly size: number;
  readonly #fetch: (start: number, end: number) => Promise<Uint8Array>;
  #block: { start: number; bytes: Uint8Array } = { start: 0, bytes: new Uint8Array() };

  constructor(size: number, fetch: (start: number, end: number) => Promise<Uint8Array>) {
    this.size = size;
    this.#fetch = fetch;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const end = Math.min(offset + length, this.size);
    const pieces: Uint8Array[] = [];
    for (let at = offset; at < end; ) {
      const piece = await this.#piece(at, end);
      pieces.push(piece);
      at += piece.length;
    }
    const [only, ...more] = pieces;
    return only !== undefined && more.length === 0 ? only : Buffer.concat(pieces);
  }

  async #piece(at: number, end: number): Promise<Uint8Array> {
    const { start, bytes } = this.#block;
    if (at < start || at >= start + bytes.length) {
      const last = Math.min(at + BLOCK, this.size);
      const fetched = await this.#fetch(at, last);
      if (fetched.length !== last - at) throw new FileError("invalid", "has changed while it was read");
      this.#block = { start: at, bytes: fetched };
      return fetched.subarray(0, Math.min(end - at, fetched.length));
    }
    return bytes.subarray(at - start, Math.min(end - start, bytes.length));
  }

  async close(): Promise<void> {
    this.#block = { start: 0, bytes: new Uint8Array() };
  }
}
