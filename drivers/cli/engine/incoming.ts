import type { Redactor } from "../../../src/device/redact.ts";
import type { Platform, Question } from "../platform.ts";
import { Terminal } from "../terminal/terminal.ts";
import { EchoFilter } from "./echo.ts";
import { LostPrompt } from "./lost-prompt.ts";
import type { Patience } from "./patience.ts";
import { PromptHead } from "./prompt-head.ts";
import { type Prompt, Prompts } from "./prompts.ts";
import { type Reply, WAITS, type Waiting } from "./waiting.ts";

/** How much of what came last an error shows; more is kept, so that no secret is cut before it is hidden. */
const SHOWN = 500;
const KEPT = 4 * SHOWN;

interface Parts {
  platform: Platform;
  encoding: string;
  redactor: Redactor;
  patience: Patience;
  /** Types what a pager waits for. */
  answerPager(): void;
}

/**
 * What a device has printed: output, less what was typed and what belongs to prompts, and behind it the unfinished line,
 * at which the device may wait.
 */
export class Incoming {
  readonly #parts: Parts;
  readonly #terminal: Terminal;
  readonly #prompts: Prompts;
  readonly #echo: EchoFilter;
  readonly #head: PromptHead;
  readonly #lost: LostPrompt;
  #prompt: Prompt | null = null;
  #atPrompt = false;
  #recent = "";

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#terminal = new Terminal(parts.encoding);
    this.#prompts = new Prompts(parts.platform);
    this.#echo = new EchoFilter((text) => this.#prompts.match(text) !== null);
    this.#head = new PromptHead(parts.platform.promptHead);
    this.#lost = new LostPrompt((line) => this.#prompts.seenAt(line));
  }

  /** The last prompt; `null` before the first. */
  get prompt(): Prompt | null {
    return this.#prompt;
  }

  /** Nothing was typed since the last prompt. */
  get atPrompt(): boolean {
    return this.#atPrompt;
  }

  /** Characters that wait to be taken. */
  get pending(): number {
    return this.#terminal.pending;
  }

  /** The unfinished line. */
  get line(): string {
    return this.#terminal.line.trim();
  }

  write(bytes: Uint8Array): void {
    this.#terminal.write(bytes);
  }

  /** Nobody takes what came while nobody listened: an error may show it. */
  pass(): void {
    this.#remember(this.#terminal.takeLines());
  }

  /** What is there is nobody's. */
  forget(): void {
    this.#terminal.takeLines();
    this.#head.release();
    this.#lost.release();
  }

  /** A line is about to be typed: what stands before it is over. */
  beginLine(): void {
    this.#terminal.takeRest();
    this.#head.release();
    this.#lost.release();
    this.#atPrompt = false;
  }

  /** The device is to repeat this. */
  expectEcho(line: string): void {
    this.#echo.expect(line);
  }

  /** What was typed is not repeated. */
  expectNoEcho(): void {
    this.#echo.giveUp();
  }

  /** What the device was doing is interrupted. */
  interrupted(): void {
    this.#terminal.takeRest();
    this.#echo.giveUp();
  }

  /** Output in whole lines, as far as there is any. */
  takeText(): string {
    return this.#lost.filter(this.#head.filter(this.#echo.filter(this.#terminal.takeLines())));
  }

  /** That output, for its reader. */
  asReply(text: string): Reply {
    this.#remember(text);
    return { kind: "text", text };
  }

  /**
   * Looks at the unfinished line: the only place where a device waits. Output that has the very prompt at
   * the start of a line, and pauses behind it, cannot be told from it without waiting at every prompt.
   */
  atLineEnd(waiting: Waiting): Reply | null {
    const { line } = this;
    if (waiting.inText !== undefined) return this.#inText(waiting, waiting.inText);
    if (line === "") return this.#atEmptyLine(waiting);
    if (this.#parts.platform.pager?.question.test(line)) {
      this.#terminal.erasePager();
      this.#parts.answerPager();
      return null;
    }
    const question = waiting.questions?.find(({ asks }) => asks.test(line));
    if (question !== undefined) return this.#asked(question, line);
    const prompt = this.#prompts.match(line, this.#head.above);
    if (prompt !== null && !this.#mayHideOutput(prompt, waiting)) return this.#accept(prompt, waiting);
    if (prompt === null && !this.#echo.pending && waiting.expects?.(this.#terminal.line))
      return this.#expected(line);
    return this.#behindOutput(waiting);
  }

  /** What was received and not yet taken, an unfinished line included, when a wait was cut short. */
  drain(): string {
    if (this.#echo.pending) return "";
    const isPrompt = this.#prompts.match(this.#terminal.line) !== null;
    return (
      this.#lost.release() +
      this.#head.release() +
      (isPrompt ? this.#terminal.takeLines() : this.#terminal.takeRest())
    );
  }

  /** The last of what the device printed, without secrets, in quotation marks. */
  shown(): string {
    const text = this.#parts.redactor.text(this.#recent + this.#terminal.line);
    return JSON.stringify(text.slice(-SHOWN));
  }

  /** The prompts that are waited for. */
  describePrompts(): string {
    // The name that a device gives itself is what it prints, like the rest.
    return this.#parts.redactor.text(this.#prompts.describe());
  }

  /**
   * In a text nothing is waited for but its lines' echo. Where it begins the device may still say no: its text must not be
   * typed as configuration then.
   */
  #inText(waiting: Waiting, place: NonNullable<Waiting["inText"]>): Reply | null {
    const prompt = this.#prompts.match(this.line, this.#head.above);
    if (prompt !== null && (prompt.known || place !== "goes on")) return this.#accept(prompt, waiting);
    if (place === "begins") return null;
    if ((this.#echo.pending || place === "announced") && this.#isUnsettled()) return null;
    return { kind: "expected", line: "" };
  }

  #asked(question: Question, line: string): Reply | null {
    if (question.loose && this.#isUnsettled(!this.#echo.pending && WAITS.test(line))) return null;
    this.#remember(line);
    this.#terminal.dropLine();
    return { kind: "question", question, line };
  }

  #expected(line: string): Reply | null {
    if (!WAITS.test(line) && this.#isUnsettled()) return null;
    this.#remember(line);
    this.#terminal.dropLine();
    return { kind: "expected", line };
  }

  #atEmptyLine(waiting: Waiting): Reply | null {
    const lost = this.#lost.found;
    if (lost === null) return waiting.expects?.("") ? this.#expected("") : this.#behindOutput(waiting);
    if (this.#isUnsettled()) return null;
    const logs = this.#lost.accept();
    this.#terminal.print(lost);
    return { kind: "text", text: logs };
  }

  /**
   * A name that a prompt was not seen with may be output, its line not ended, with the prompt right behind it. In a shell
   * that may be the user's name, which no prompt tells from output.
   */
  #mayHideOutput(prompt: Prompt, { renamed }: Waiting): boolean {
    if (renamed === true || this.#prompts.isSeen(prompt)) return false;
    if (!prompt.known) return this.#prompts.startIn(prompt.text) !== null;
    return this.#parts.platform.shell && this.#prompts.seenBehind(prompt.text) !== null;
  }

  /** Output that does not end its line stands in front of the prompt, once the device is silent behind that. */
  #behindOutput(waiting: Waiting): Reply | null {
    const line = this.#terminal.lineEnd.trimEnd();
    if (this.#prompt === null || this.#echo.pending || !WAITS.test(line)) return null;
    if (this.#isUnsettled()) return null;
    const at = this.#prompts.startIn(line);
    if (at === null) return null;
    this.#terminal.dropLine();
    this.#terminal.print(line.slice(at));
    const text = this.#lost.release() + this.#head.release() + line.slice(0, at);
    // A prompt that is written again behind itself hides none.
    if (this.#prompts.match(text)?.known) return this.atLineEnd(waiting);
    return this.asReply(text);
  }

  /** True until the device has been silent for a while. */
  #isUnsettled(likely = false): boolean {
    const { patience } = this.#parts;
    if (patience.settled) return false;
    patience.doubt(likely);
    return true;
  }

  #accept(prompt: Prompt, waiting: Waiting): Reply | null {
    const { platform, patience } = this.#parts;
    const certain =
      (!this.#echo.pending || waiting.unverified === true) &&
      (prompt.known || waiting.renamed === true || (this.#prompt === null && !platform.learnsPrompt));
    if (!certain && this.#isUnsettled()) return null;
    if (this.#echo.pending) {
      // What was held back for the echo may tell the mode.
      const output = this.#head.filter(this.#echo.giveUp());
      return output === "" ? this.atLineEnd(waiting) : { kind: "text", text: output };
    }
    const held = this.#lost.release() + this.#head.drop();
    if (held !== "") return { kind: "text", text: held };
    this.#prompts.learn(prompt);
    this.#prompt = prompt;
    this.#atPrompt = true;
    patience.stop();
    this.#remember(this.#terminal.takeRest());
    return { kind: "prompt", prompt };
  }

  #remember(text: string): void {
    this.#recent = text.length >= KEPT ? text.slice(-KEPT) : (this.#recent + text).slice(-KEPT);
  }
}
