import { at, type CallOptions, type Http } from "./http.ts";
import type { StoredFile } from "./types.ts";

/** How long a file may take on its way, ms. */
export const FILE_MS = 3_600_000;

/** Which part of a file. */
export interface DownloadOptions extends CallOptions {
  /** As the header `Range` has it: `bytes=0-99`. */
  range?: string;
}

/** `/storage`. */
export class Files {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** Keeps a file, whose `path` a file transfer names. Sent once: a repeat would keep it twice. */
  upload(file: Blob, name?: string, options: CallOptions = {}): Promise<StoredFile> {
    const headers = { "content-type": "application/octet-stream" };
    const call = { path: "/storage", query: { name }, body: file, headers, repeatable: false };
    return this.#http.post(call, { timeoutMs: FILE_MS, ...options });
  }

  /** Its bytes are in the answer's body, to be read as they come. */
  download(id: string, { range, ...options }: DownloadOptions = {}): Promise<Response> {
    const headers = { accept: "*/*", ...(range !== undefined && { range }) };
    return this.#http.download(at`/storage/${id}`, headers, options);
  }

  async remove(id: string, options?: CallOptions): Promise<void> {
    await this.#http.delete(at`/storage/${id}`, {}, options);
  }
}
