import type { Netpulse, OutputChunk } from "../client/index.ts";
import { beginning, MAX_TEXT } from "./cutting.ts";

export const STREAMS = ["stdout", "stderr", "parsed"] as const;
export type Stream = (typeof STREAMS)[number];

/** Where to read on: an offset of the job's log, and so many characters of the stream behind it. */
export const CURSOR = /^(\d{1,15})\.(\d{1,9})$/;

export interface Reading {
  id: string;
  stream: Stream;
  /** Of this command alone. */
  index?: number | undefined;
  cursor?: string | undefined;
}

export interface Read {
  pieces: { index: number; text: string }[];
  /** null: the job has ended, and this was all. */
  next: string | null;
}

/** The smallest part that the API gives. */
const PART = 128 * 1024;
/** Parts that are looked through for one answer. */
const MAX_PARTS = 64;

/** As much of what a job has printed as fits into an answer. */
export async function readOutput(client: Netpulse, reading: Reading, signal: AbortSignal): Promise<Read> {
  let { offset, skip } = placeOf(reading.cursor);
  const pieces = new Pieces();
  for (let n = 0; n < MAX_PARTS; n++) {
    const { id, index } = reading;
    const query = { offset, limit: PART, ...(index !== undefined && { index }) };
    const part = await client.jobs.output(id, query, { signal });
    const taken = pieces.take(textsOf(part.chunks, reading.stream), skip);
    if (!taken.whole) return { pieces: pieces.all, next: `${offset}.${taken.upTo}` };
    if (part.ended) return { pieces: pieces.all, next: null };
    // There is no more of it yet.
    if (part.next_offset === offset)
      return { pieces: pieces.all, next: `${offset}.${Math.max(skip, taken.upTo)}` };
    offset = part.next_offset;
    skip = Math.max(0, skip - taken.upTo);
  }
  return { pieces: pieces.all, next: `${offset}.${skip}` };
}

function placeOf(cursor: string | undefined): { offset: number; skip: number } {
  const [, offset = "0", skip = "0"] = CURSOR.exec(cursor ?? "") ?? [];
  return { offset: Number(offset), skip: Number(skip) };
}

interface Piece {
  index: number;
  text: string;
}

function* textsOf(chunks: readonly OutputChunk[], stream: Stream): Iterable<Piece> {
  for (const chunk of chunks) {
    if (chunk.kind === "output" && chunk.stream === stream) yield chunk;
    if (chunk.kind === "parsed" && stream === "parsed") yield { index: chunk.index, text: chunk.json };
  }
}

/** Texts one behind the other, those of one command together, as long as there is room. */
class Pieces {
  readonly all: Piece[] = [];
  #left = MAX_TEXT;

  /** `upTo`: how far in these texts it came; `whole`: to their end. */
  take(texts: Iterable<Piece>, skip: number): { upTo: number; whole: boolean } {
    let at = 0;
    for (const { index, text } of texts) {
      const from = Math.min(text.length, Math.max(0, skip - at));
      const taken = beginning(text.slice(from), this.#left);
      this.#append(index, taken);
      if (from + taken.length < text.length) return { upTo: at + from + taken.length, whole: false };
      at += text.length;
    }
    return { upTo: at, whole: true };
  }

  #append(index: number, text: string): void {
    if (text === "") return;
    this.#left -= text.length;
    const last = this.all.at(-1);
    if (last?.index === index) last.text += text;
    else this.all.push({ index, text });
  }
}
