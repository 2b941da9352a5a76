import type { Question } from "../platform.ts";
import type { Prompt } from "./prompts.ts";
import type { InText } from "./text-block.ts";

/** How lines end at which a device waits. */
export const WAITS = /[?:\])}>#$%]$/;

/** What comes back for a line that was typed. */
export type Reply =
  /** Output: whole lines, as far as they have come. */
  | { kind: "text"; text: string }
  /** The device asks something that {@link Waiting.questions} foresees. */
  | { kind: "question"; question: Question; line: string }
  /** {@link Waiting.expects} has found what it looked for, and the device waits, or is silent; or it wants more text. */
  | { kind: "expected"; line: string }
  /** {@link Waiting.alarm} has rung. */
  | { kind: "alarm" }
  /** The device is ready for the next line. */
  | { kind: "prompt"; prompt: Prompt };

export interface Waiting {
  /** What was done, for the error when nothing comes: `after "show version"`. */
  after: string;
  /** Seconds without a byte before the wait is given up. */
  seconds: number;
  questions?: readonly Question[];
  /** The device may call itself something else from now on. */
  renamed?: boolean;
  /** The prompt counts whether or not what was typed was repeated. */
  unverified?: boolean;
  /** What was typed stands in a text: no prompt comes, unless it was refused. `announced`: the device has said something to its beginning. */
  inText?: InText | "announced" | undefined;
  /** Whether all that is waited for has been printed; told the unfinished line. */
  expects?: (line: string) => boolean;
  alarm?: Alarm | null;
}

/** Ends a wait at a moment, whatever the device does until then. */
export interface Alarm {
  readonly rang: boolean;
  cancel(): void;
}
