import { DeviceError } from "../../../core/errors.ts";

export interface HttpResponse {
  status: number;
  /** By their names in lower case; of several with one name the last. */
  headers: ReadonlyMap<string, string>;
  body: Uint8Array;
  /** The connection takes another request. */
  keepAlive: boolean;
}

const MAX_HEAD = 32 * 1024;
/** A chunk's length with whatever stands behind it, or a line behind the last one. */
const MAX_LINE = 4096;
const CR_LF = "\r\n";

type State = "head" | "body" | "chunk-size" | "chunk" | "chunk-end" | "trailers" | "done";

interface Head {
  status: number;
  version: string;
  headers: Map<string, string>;
}

/** Reads one answer of HTTP/1.1 out of bytes as they come. Throws a `DeviceError` for what is none, or too long. */
export class ResponseReader {
  readonly #maxBody: number;
  #state: State = "head";
  /** Of a head or a line that is not complete. */
  #text = "";
  #head: Head | null = null;
  #parts: Uint8Array[] = [];
  #size = 0;
  /** Bytes until the body, or a chunk, ends; `null`: the connection's end ends it. */
  #left: number | null = 0;

  constructor(maxBody: number) {
    this.#maxBody = maxBody;
  }

  /** The answer, once it is complete. */
  feed(bytes: Uint8Array): HttpResponse | null {
    let rest = bytes;
    while (rest.length > 0 && this.#state !== "done") rest = this.#take(rest);
    if (this.#state !== "done") return null;
    if (rest.length > 0) throw malformed("it says more than was asked");
    return this.#response();
  }

  /** The connection has ended: the answer, if that was its end. */
  end(): HttpResponse | null {
    return this.#state === "body" && this.#left === null ? this.#response() : null;
  }

  /** Something has come that is not complete. */
  get begun(): boolean {
    return this.#text !== "" || this.#head !== null;
  }

  #take(bytes: Uint8Array): Uint8Array {
    switch (this.#state) {
      case "head":
        return this.#line(bytes, `${CR_LF}${CR_LF}`, MAX_HEAD, (text) => this.#begin(text));
      case "chunk-size":
        return this.#line(bytes, CR_LF, MAX_LINE, (text) => this.#beginChunk(text));
      case "chunk-end":
        return this.#line(bytes, CR_LF, MAX_LINE, (text) => {
          if (text !== "") throw malformed("a chunk is longer than it says");
          this.#state = "chunk-size";
        });
      case "trailers":
        return this.#line(bytes, CR_LF, MAX_LINE, (text) => {
          if (text === "") this.#state = "done";
        });
      default:
        return this.#takeBody(bytes);
    }
  }

  /** Reads on to `end`; hands what stands before it to `run`. */
  #line(bytes: Uint8Array, end: string, max: number, run: (text: string) => void): Uint8Array {
    const before = this.#text.length;
    // Bytes of a body may follow: no more of them than a head can have are made text.
    const text = this.#text + Buffer.from(bytes.subarray(0, max + end.length)).toString("latin1");
    const at = text.indexOf(end);
    if (at > max || (at < 0 && text.length > max)) throw malformed("its head does not end");
    if (at < 0) {
      this.#text = text;
      return bytes.subarray(bytes.length);
    }
    this.#text = "";
    run(text.slice(0, at));
    return bytes.subarray(at + end.length - before);
  }

  #begin(text: string): void {
    const [first = "", ...lines] = text.split(CR_LF);
    const [, version = "", status] = /^HTTP\/(1\.[01]) (\d{3})(?: .*)?$/.exec(first) ?? [];
    if (status === undefined) throw malformed("it does not answer in HTTP");
    const headers = new Map(lines.map(header));
    // Of an interim answer another follows.
    if (status.startsWith("1")) return;
    this.#head = { status: Number(status), version, headers };
    this.#state = "body";
    const length = headers.get("content-length");
    if (status === "204" || status === "304") this.#left = 0;
    else if (/\bchunked$/i.test(headers.get("transfer-encoding") ?? "")) this.#state = "chunk-size";
    else this.#left = length === undefined ? null : this.#lengthOf(length, /^\d{1,15}$/, 10);
    if (this.#state === "body" && this.#left === 0) this.#state = "done";
  }

  #beginChunk(text: string): void {
    const [size = ""] = text.split(";", 1);
    this.#left = this.#lengthOf(size.trim(), /^[0-9a-f]{1,12}$/i, 16);
    this.#state = this.#left === 0 ? "trailers" : "chunk";
  }

  #lengthOf(text: string, form: RegExp, radix: number): number {
    if (!form.test(text)) throw malformed("a length is no number");
    const length = Number.parseInt(text, radix);
    this.#assertFits(length);
    return length;
  }

  #takeBody(bytes: Uint8Array): Uint8Array {
    const part = bytes.subarray(0, this.#left ?? bytes.length);
    this.#assertFits(part.length);
    this.#parts.push(part);
    this.#size += part.length;
    if (this.#left !== null) this.#left -= part.length;
    if (this.#left === 0) this.#state = this.#state === "chunk" ? "chunk-end" : "done";
    return bytes.subarray(part.length);
  }

  #assertFits(more: number): void {
    if (this.#size + more <= this.#maxBody) return;
    throw new DeviceError("OutputLimit", `the device's answer is longer than ${this.#maxBody} bytes`);
  }

  #response(): HttpResponse {
    if (this.#head === null) throw new Error("an answer without a head is complete");
    const { status, version, headers } = this.#head;
    const connection = (headers.get("connection") ?? "").toLowerCase();
    const stays = version === "1.1" ? !connection.includes("close") : connection.includes("keep-alive");
    return { status, headers, body: Buffer.concat(this.#parts), keepAlive: stays && this.#left !== null };
  }
}

function header(line: string): [string, string] {
  const colon = line.indexOf(":");
  if (colon < 1) throw malformed("a header has no name");
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

function malformed(why: string): DeviceError {
  return new DeviceError("ConnectionError", `what listens there is no HTTP server: ${why}`, {
    retryable: false,
  });
}
