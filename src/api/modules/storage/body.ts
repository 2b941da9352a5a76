import type { Clock } from "../../../core/clock.ts";
import { HttpError } from "../../http-error.ts";
import { boundaryOf } from "./multipart.ts";

/** Part of the body may still be on its way. */
const CLOSE = { connection: "close" };
/** What a form has around its file. */
const FORM = 64 * 1024;

export interface BodyTerms {
  clock: Clock;
  /** How long a client may take, ms. */
  timeoutMs: number;
  /** Largest file, bytes. */
  maxSize: number;
  /** Of what may stand beside the file in a form, bytes. */
  beside?: number;
}

/** Whether a body is sent as a form. */
export function isForm({ headers }: Request): boolean {
  return /^multipart\//i.test(headers.get("content-type") ?? "");
}

/** The boundary of a form; null where the body is no form. */
export function formBoundary(request: Request): string | null {
  const boundary = boundaryOf(request.headers.get("content-type") ?? "");
  if (boundary !== null || !isForm(request)) return boundary;
  throw new HttpError(415, "send multipart/form-data with a boundary, or the file as it is", {
    headers: CLOSE,
  });
}

export function tooLarge(maxSize: number): HttpError {
  return new HttpError(413, `the file is larger than ${maxSize} bytes; raise storage_files.max_size`, {
    headers: CLOSE,
  });
}

interface BodyReader {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
}

/** A request's body as it comes, for so long, and so much of it. */
export class TimedBody {
  readonly #reader: BodyReader | null;
  #late: HttpError | null = null;
  /** Ends the read that is waited for. */
  #giveUp: (error: HttpError) => void = () => {};
  readonly #timer: { cancel(): void };
  readonly #terms: BodyTerms;
  readonly #most: number;
  #done = false;

  constructor(request: Request, terms: BodyTerms) {
    const { clock, timeoutMs, maxSize, beside = 0 } = terms;
    this.#terms = terms;
    this.#most = maxSize + beside + FORM;
    if (Number(request.headers.get("content-length") ?? 0) > this.#most) throw tooLarge(maxSize);
    this.#reader = request.body?.getReader() ?? null;
    const message = `the file did not arrive within ${timeoutMs / 1000} s (storage_files.upload_timeout)`;
    this.#timer = clock.after(timeoutMs, () => {
      this.#late = new HttpError(408, message, { headers: CLOSE });
      this.#giveUp(this.#late);
    });
  }

  async *pieces(): AsyncGenerator<Uint8Array> {
    let size = 0;
    while (this.#reader !== null) {
      const next = await this.#read(this.#reader);
      if (next.done || next.value === undefined) {
        this.#done = true;
        return;
      }
      size += next.value.length;
      if (size > this.#most) throw tooLarge(this.#terms.maxSize);
      yield next.value;
    }
  }

  /** No race with one promise for all reads: that would keep every piece until the body has ended. */
  #read(reader: BodyReader): ReturnType<BodyReader["read"]> {
    return new Promise((resolve, reject) => {
      if (this.#late !== null) return reject(this.#late);
      this.#giveUp = reject;
      reader.read().then(resolve, (cause) => {
        reject(new HttpError(400, "the body broke off", { headers: CLOSE, cause }));
      });
    });
  }

  /** What has not been read is not wanted. */
  end(): void {
    this.#timer.cancel();
    if (!this.#done) this.#reader?.cancel().catch(() => {});
  }
}
