import type { Question } from "../platform.ts";

/** How one line is typed and read, as its job says. */
export interface Manner {
  /** Seconds of silence that end the wait. */
  seconds: number;
  /** A pattern that ends the command; `null`: the prompt does. */
  expects: string | null;
  /** A pattern in what a line prints that makes it a refused one. */
  refuses: string | null;
  /** Each is answered once, in this order where several fit. */
  answers: readonly Question[];
  stripPrompt: boolean;
  stripCommand: boolean;
  /** See {@link Waiting.unverified}. */
  unverified: boolean;
  /** Seconds after which it is interrupted; `null`: it ends by itself. */
  stopAfter: number | null;
  /** It ends with the session. */
  closes: boolean;
}

/** Questions whose answers are secrets, which devices do not repeat. */
export const SECRET_ASKED = /pass(?:wd|word|phrase|code)|secret|token|\b(?:pin|key)\b/i;

/** Matches a part of a line as it is written, in any case. */
export function literally(text: string): RegExp {
  return new RegExp(text.trim().replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), "i");
}
