import { DeviceError } from "../../src/core/errors.ts";
import type { ByteChannel, ByteSink } from "../../src/device/transport/channel.ts";

/** A recorded or composed dialogue: what a device prints and what must be typed to it, in turn. */
export type Step = { prints: string | Uint8Array } | { reads: string } | { ends: string };

export const prints = (output: string | Uint8Array): Step => ({ prints: output });
export const reads = (text: string): Step => ({ reads: text });
/** The device hangs up. */
export const ends = (reason: string): Step => ({ ends: reason });

/** How the bytes of a transcript are cut: as printed, one at a time, or at random (by a seed). */
export type Cut = "whole" | "bytes" | { seed: number };
export const CUTS: Cut[] = ["whole", "bytes", { seed: 1 }, { seed: 2 }, { seed: 3 }];

/**
 * A device that goes by a transcript. Each chunk comes in a turn of the event loop of its own. Typing
 * something else than the transcript says ends the channel with an error that shows both.
 */
export class ReplayDevice {
  readonly #steps: Step[];
  readonly #cut: Cut;
  readonly #random: () => number;
  #sink: ByteSink | null = null;
  #unread = "";
  #paused = false;
  #ended = false;
  #scheduled = false;
  #chunks: Uint8Array[] = [];
  /** Everything that was typed. */
  typed = "";
  pauses = 0;

  constructor(steps: readonly Step[], cut: Cut = "whole") {
    this.#steps = [...steps];
    this.#cut = cut;
    this.#random = randomNumbers(typeof cut === "object" ? cut.seed : 0);
  }

  /** The transcript was gone through to its end. */
  get done(): boolean {
    return this.#steps.length === 0 && this.#chunks.length === 0;
  }

  /** Nothing happens until something is typed, or the reading goes on. */
  get idle(): boolean {
    return !this.#scheduled;
  }

  /** What must be typed next; `null` while it has something to print, `""` after the last step. */
  get waitsFor(): string | null {
    const [step] = this.#steps;
    if (this.#chunks.length > 0) return null;
    if (step === undefined) return "";
    return "reads" in step ? step.reads : null;
  }

  /** No more can happen: the channel was ended by either side. */
  get ended(): boolean {
    return this.#ended;
  }

  open = async (sink: ByteSink): Promise<ByteChannel> => {
    this.#sink = sink;
    this.#schedule();
    return {
      write: (text) => this.#type(text),
      pause: () => {
        this.#paused = true;
        this.pauses += 1;
      },
      resume: () => {
        this.#paused = false;
        this.#schedule();
      },
      close: async () => this.#end("the session was closed"),
      destroy: () => this.#end("the session was destroyed"),
    };
  };

  #type(text: string): void {
    this.typed += text;
    this.#unread += text;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#ended) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#go();
    });
  }

  #go(): void {
    if (this.#ended || this.#paused) return;
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#sink?.onData(chunk);
      return this.#schedule();
    }
    const step = this.#steps[0];
    if (step === undefined) return;
    if ("reads" in step) return this.#read(step.reads);
    this.#steps.shift();
    if ("ends" in step) return this.#end(step.ends);
    const bytes = typeof step.prints === "string" ? new TextEncoder().encode(step.prints) : step.prints;
    this.#chunks = cut(bytes, this.#cut, this.#random);
    this.#schedule();
  }

  #read(expected: string): void {
    if (this.#unread.startsWith(expected)) {
      this.#unread = this.#unread.slice(expected.length);
      this.#steps.shift();
      return this.#schedule();
    }
    if (expected.startsWith(this.#unread)) return;
    this.#end(`typed ${JSON.stringify(this.#unread)} where ${JSON.stringify(expected)} was expected`);
  }

  #end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#sink?.onEnd(new DeviceError("ConnectionError", reason));
  }
}

function cut(bytes: Uint8Array, how: Cut, random: () => number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let from = 0;
  while (from < bytes.length) {
    const size = how === "whole" ? bytes.length : how === "bytes" ? 1 : 1 + Math.floor(random() * 20);
    chunks.push(bytes.slice(from, from + size));
    from += size;
  }
  return chunks;
}

/** Mulberry32: small, and the same numbers for the same seed everywhere. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
