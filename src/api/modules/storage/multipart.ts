import { HttpError } from "../../http-error.ts";

/** Headers of a part, and what may stand before the first. */
const MAX_HEAD = 16 * 1024;

/** A field of a form. Its bytes come once, and before the next field. */
export interface FormPart {
  /** Of the field; null where the form does not name it. */
  field: string | null;
  /** Undefined: it is no file. Null: it is one, without a name. */
  fileName: string | null | undefined;
  bytes: AsyncIterable<Uint8Array>;
}

/** The boundary of a `multipart/form-data` body; null for any other type. */
export function boundaryOf(contentType: string): string | null {
  if (!/^multipart\/form-data\s*;/i.test(contentType)) return null;
  const [, quoted, plain] = /;\s*boundary=(?:"([^"\r\n]{1,70})"|([^\s";,]{1,70}))/i.exec(contentType) ?? [];
  return quoted ?? plain ?? null;
}

/** The fields of a form as they come: no more than a piece of one is held. What is not read of one is left out. */
export async function* formParts(
  body: AsyncIterable<Uint8Array>,
  boundary: string,
): AsyncGenerator<FormPart> {
  const form = new Form(body, `\r\n--${boundary}`);
  for (let head = await form.head(); head !== null; head = await form.head()) {
    const bytes = form.content();
    yield { field: parameterOf(head, "name") ?? null, fileName: fileNameOf(head), bytes };
    for await (const _piece of bytes);
  }
}

class Form {
  readonly #pieces: AsyncIterator<Uint8Array>;
  readonly #delimiter: Buffer;
  /** The first boundary has no line before it. */
  #held: Buffer = Buffer.from("\r\n");
  #begun = false;

  constructor(body: AsyncIterable<Uint8Array>, delimiter: string) {
    this.#pieces = body[Symbol.asyncIterator]();
    this.#delimiter = Buffer.from(delimiter);
  }

  /** Headers of the next part; null behind the last one. */
  async head(): Promise<string | null> {
    if (!this.#begun) {
      await this.#until(this.#delimiter);
      this.#begun = true;
    }
    while (this.#held.length < 2) await this.#more();
    if (this.#held.subarray(0, 2).toString() === "--") return null;
    return (await this.#until(Buffer.from("\r\n\r\n"))).toString();
  }

  /** Of a part whose head was read, up to the next boundary. */
  async *content(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const at = this.#held.indexOf(this.#delimiter);
      const whole = at >= 0 ? at : this.#held.length - this.#delimiter.length + 1;
      if (whole > 0) yield this.#held.subarray(0, whole);
      if (at >= 0) {
        this.#held = this.#held.subarray(at + this.#delimiter.length);
        return;
      }
      if (whole > 0) this.#held = this.#held.subarray(whole);
      await this.#more();
    }
  }

  async #until(mark: Buffer): Promise<Buffer> {
    for (;;) {
      const at = this.#held.indexOf(mark);
      if (at >= 0) {
        const before = this.#held.subarray(0, at);
        this.#held = this.#held.subarray(at + mark.length);
        return before;
      }
      if (this.#held.length > MAX_HEAD) throw new HttpError(400, "the form is not as multipart/form-data is");
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#pieces.next();
    if (done) throw new HttpError(400, "the form breaks off");
    this.#held = this.#held.length === 0 ? Buffer.from(value) : Buffer.concat([this.#held, value]);
  }
}

/** Undefined: the part is no file. Null: it is, without a name. */
function fileNameOf(head: string): string | null | undefined {
  const encoded = /;\s*filename\*=utf-8''([^;\s]*)/i.exec(dispositionOf(head))?.[1];
  if (encoded !== undefined) return decoded(encoded);
  const plain = parameterOf(head, "filename");
  return plain === "" ? null : plain;
}

function parameterOf(head: string, name: "name" | "filename"): string | undefined {
  const { quoted, bare } = PARAMETERS[name];
  const line = dispositionOf(head);
  const found = quoted.exec(line)?.[1] ?? bare.exec(line)?.[1];
  return found?.replaceAll(/\\(["\\])/g, "$1").replaceAll("%22", '"');
}

const PARAMETERS = {
  name: { quoted: /;\s*name="((?:[^"\\]|\\.)*)"/i, bare: /;\s*name=([^;\s"]+)/i },
  filename: { quoted: /;\s*filename="((?:[^"\\]|\\.)*)"/i, bare: /;\s*filename=([^;\s"]+)/i },
};

function dispositionOf(head: string): string {
  return /^content-disposition:[^\r\n]*$/im.exec(head)?.[0] ?? "";
}

function decoded(name: string): string | null {
  try {
    return decodeURIComponent(name);
  } catch {
    return null;
  }
}
