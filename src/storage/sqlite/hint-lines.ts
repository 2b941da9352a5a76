import type { Hint } from "../storage.ts";

/** What one write to a peer may hold. Hints beyond it are lost, as hints may be. */
export const CHUNK_BYTES = 64 * 1024;

/** What each kind of hint consists of, all text. */
const FIELDS = new Map<unknown, readonly string[]>(
  Object.entries({
    queued: ["queue"],
    job: ["id", "status"],
    output: ["id"],
    abort: ["id", "node"],
    worker: ["worker", "node", "change"],
    delivery: [],
  } satisfies Record<Hint["kind"], string[]>),
);

/** One line of JSON for each hint, the same one only once. */
export function encodeHints(hints: readonly Hint[]): Uint8Array {
  const lines = new Set<string>();
  let size = 0;
  for (const hint of hints) {
    const line = `${JSON.stringify(hint)}\n`;
    size += Buffer.byteLength(line);
    if (size > CHUNK_BYTES) break;
    lines.add(line);
  }
  return new TextEncoder().encode([...lines].join(""));
}

/** Puts lines together again from the pieces in which a stream brings them. */
export class LineReader {
  readonly #decoder = new TextDecoder();
  #rest = "";

  /** The lines that are whole by now. Throws `RangeError` when one is longer than anything we send. */
  take(piece: Uint8Array): string[] {
    const lines = (this.#rest + this.#decoder.decode(piece, { stream: true })).split("\n");
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > CHUNK_BYTES) throw new RangeError("a line without an end");
    return lines;
  }
}

/** Null for what this program does not know: the other one may be newer. */
export function decodeHint(line: string): Hint | null {
  const value = parsed(line);
  const fields = FIELDS.get(value?.kind);
  if (!fields?.every((name) => typeof value?.[name] === "string")) return null;
  if (value?.inMs !== undefined && !(Number(value.inMs) > 0)) return null;
  // Safe: every field of its kind is there and is text, and `inMs` is a duration.
  return value as unknown as Hint;
}

function parsed(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" ? (value as Record<string, unknown> | null) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
