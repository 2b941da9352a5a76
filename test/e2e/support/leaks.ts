import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Something that was searched: a file, an answer, an environment. */
export interface Place {
  name: string;
  bytes: Buffer;
}

/** Secrets by what they were given as; each is made once and stands nowhere else. */
export class Secrets {
  readonly #made = new Map<string, Buffer>();

  /** A secret of 30 letters and digits that no chance repeats. */
  make(givenAs: string): string {
    const secret = randomBytes(60).toString("base64").replace(/[+/=]/g, "").slice(0, 30);
    this.add(givenAs, Buffer.from(secret));
    return secret;
  }

  /** One made elsewhere, e.g. a line of a private key; of at least 24 bytes. */
  add(givenAs: string, secret: Buffer): void {
    if (this.#made.has(givenAs)) throw new Error(`${givenAs} was given before`);
    if (secret.length < 24) throw new Error(`${givenAs} is too short to be told from chance`);
    this.#made.set(givenAs, secret);
  }

  get size(): number {
    return this.#made.size;
  }

  /** Where which secret was found, whole or in half, in which form; empty when nothing leaked. */
  leaks(places: readonly Place[]): string[] {
    return [...this.#made].flatMap(([givenAs, secret]) => {
      const patterns = formsOf(secret);
      return places.flatMap(({ name, bytes }) => {
        const found = patterns.filter(({ pattern }) => bytes.includes(pattern));
        const forms = [...new Set(found.map(({ form }) => form))];
        return forms.map((form) => `${givenAs}: ${form} in ${name}`);
      });
    });
  }
}

interface Form {
  form: string;
  pattern: Buffer;
}

/** Half a secret is found too: it is a leak as well, and text is cut in odd places. */
function formsOf(secret: Buffer): Form[] {
  return [secret.subarray(0, 12), secret.subarray(-12)].flatMap((bytes) => {
    const hex = bytes.toString("hex");
    return [
      { form: "plain", pattern: bytes },
      { form: "UTF-16", pattern: Buffer.from(bytes.toString("latin1"), "utf16le") },
      { form: "hex", pattern: Buffer.from(hex) },
      { form: "hex", pattern: Buffer.from(hex.toUpperCase()) },
      ...[0, 1, 2].flatMap((offset) => {
        const base64 = insideBase64(bytes, offset);
        const base64url = base64.replaceAll("+", "-").replaceAll("/", "_");
        return [base64, base64url].map((text) => ({ form: "base64", pattern: Buffer.from(text) }));
      }),
    ];
  });
}

/** What base64 makes of `bytes` in the middle of something, where they begin at that offset of a group of 3. */
function insideBase64(bytes: Buffer, offset: number): string {
  const padded = Buffer.concat([Buffer.alloc(offset), bytes]);
  const first = Math.ceil((offset * 8) / 6);
  const last = Math.floor((padded.length * 8) / 6);
  return padded.toString("base64").slice(first, last);
}

/** Every file under `folder`. */
export function filesOf(folder: string): Place[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ name: path, bytes: readFileSync(path) }));
}

/** What `/proc` tells everybody of the same user about processes. */
export function commandLineOf(pid: number): Place {
  return { name: `the command line of ${pid}`, bytes: readFileSync(`/proc/${pid}/cmdline`) };
}

export function environmentOf(pid: number): Place {
  return { name: `the environment of ${pid}`, bytes: readFileSync(`/proc/${pid}/environ`) };
}

export function text(name: string, content: string): Place {
  return { name, bytes: Buffer.from(content) };
}
