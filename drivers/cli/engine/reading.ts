import { hide, MIN_HIDDEN } from "../../../src/device/redact.ts";
import type { Question } from "../platform.ts";
import type { Dialogue } from "./dialogue.ts";
import { type Manner, SECRET_ASKED } from "./manner.ts";
import { Search } from "./search.ts";
import type { Alarm, Waiting } from "./waiting.ts";

/** Seconds for a device to come to its prompt after it was interrupted. */
const STOP_SECONDS = 10;
/** Seconds that are left to the prompt once the expected text was found, for a device that prints on. */
const FOUND_SECONDS = 2;

/** Seconds for a device to say something to the beginning of a text; most say at once how it is ended. */
const ANNOUNCE_SECONDS = 5;

/** Reads what a line that was typed makes a device print, in the manner that its job wants. */
export class Reading {
  readonly #dialogue: Dialogue;
  readonly #waiting: Waiting;
  readonly #manner: Manner;
  readonly #expected: Search | null;
  readonly #refused: Search | null;
  readonly #unanswered: Question[];
  /** Answers that must not be seen where the device repeats them all the same. */
  readonly #hidden: string[] = [];
  #alarm: Alarm | null = null;
  /** What the alarm is for. */
  #stopping: boolean;
  #atPrompt = false;

  constructor(dialogue: Dialogue, waiting: Waiting, manner: Manner) {
    this.#dialogue = dialogue;
    this.#manner = manner;
    this.#expected = manner.expects === null ? null : new Search(manner.expects, "expect_string", false);
    this.#refused = manner.refuses === null ? null : new Search(manner.refuses, "error_pattern", true);
    this.#unanswered = [...manner.answers];
    this.#stopping = manner.stopAfter !== null;
    this.#waiting = {
      ...waiting,
      seconds: Math.max(manner.seconds, (manner.stopAfter ?? 0) + 1),
      unverified: manner.unverified,
      expects: (line) => this.#expected?.within(line) ?? false,
    };
  }

  /** What the line printed that its job takes for a refusal. */
  get refusal(): string | null {
    return this.#refused?.match ?? null;
  }

  /** What did not happen that should have, in words for an error; for a line that was read to its end. */
  get missed(): string | null {
    if (!this.#atPrompt) return null;
    if (this.#manner.closes) return "was to end the session, but the device is at its prompt again";
    if (this.#expected === null || this.#expected.match !== null) return null;
    return "came to the prompt without a match of expect_string before it";
  }

  /** Secrets among the answers are no output. */
  hide(text: string): string {
    return this.#hidden.length === 0 ? text : hide(text, this.#hidden);
  }

  /** The output, in whole lines as far as it has any. */
  async *run(): AsyncGenerator<string> {
    const { stopAfter, stripPrompt } = this.#manner;
    if (stopAfter !== null) this.#alarm = this.#dialogue.alarm(stopAfter * 1000);
    if (this.#waiting.inText === "begins") this.#alarm = this.#dialogue.alarm(ANNOUNCE_SECONDS * 1000);
    for (;;) {
      const reply = await this.#dialogue.next(this.#wait());
      switch (reply.kind) {
        case "text":
          if (this.#waiting.inText === "begins") this.#waiting.inText = "announced";
          await this.#take(reply.text);
          yield this.hide(reply.text);
          break;
        case "question": {
          const own = this.#unanswered.indexOf(reply.question);
          // Where the answer is not repeated, Enter still is: the line ends by itself.
          if (own >= 0) yield this.hide(SECRET_ASKED.test(reply.line) ? reply.line : `${reply.line}\n`);
          this.#answer(reply.question, own, reply.line);
          break;
        }
        case "expected":
          if (reply.line !== "") yield this.hide(reply.line);
          return;
        case "alarm":
          if (!this.#stopping) return;
          this.#interrupt();
          break;
        case "prompt":
          this.#atPrompt = true;
          // Patterns for prompts are often written with the space behind it.
          this.#expected?.within(`${reply.prompt.text} `);
          this.#expected?.within(reply.prompt.text);
          if (!stripPrompt) yield reply.prompt.text;
          return;
      }
    }
  }

  /** Nobody reads any more. */
  stop(): void {
    this.#alarm?.cancel();
  }

  #wait(): Waiting {
    const questions = [...this.#unanswered, ...(this.#waiting.questions ?? [])];
    return { ...this.#waiting, questions, alarm: this.#alarm };
  }

  async #take(lines: string): Promise<void> {
    const ends = () => this.#dialogue.aborted;
    await this.#refused?.take(lines, ends);
    if (this.#expected === null || this.#expected.match !== null) return;
    await this.#expected.take(lines, ends);
    if (this.#expected.match === null) return;
    this.#alarm?.cancel();
    this.#alarm = this.#dialogue.alarm(FOUND_SECONDS * 1000);
    this.#stopping = false;
  }

  #interrupt(): void {
    this.#alarm = null;
    this.#waiting.seconds = STOP_SECONDS;
    this.#waiting.after = "after an interrupt";
    this.#dialogue.stop();
  }

  #answer({ answer }: Question, own: number, line: string): void {
    if (answer === "secret") throw new Error("no line that is typed for a job is answered with a secret");
    if (own < 0) return this.#dialogue.send(answer.text, "platform");
    this.#unanswered.splice(own, 1);
    if (!SECRET_ASKED.test(line)) return this.#dialogue.send(answer.text);
    if (answer.text.length >= MIN_HIDDEN) this.#hidden.push(answer.text);
    this.#dialogue.sendHidden(answer.text);
  }
}
