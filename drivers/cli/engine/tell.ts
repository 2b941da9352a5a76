import { DeviceError } from "../../../src/device/driver.ts";
import type { Denial, Step } from "../platform.ts";
import type { Dialogue } from "./dialogue.ts";
import type { Prompt } from "./prompts.ts";

/** What a device said to a step, as far as it is worth keeping. */
interface Said {
  text: string;
  prompt: Prompt;
}

export interface TellOptions {
  /** Answers questions for it; an `AuthenticationError` says when it is missing or wrong. */
  secret: string | undefined;
  /** Silence that ends the wait, in seconds. */
  seconds: number;
  /** The device may call itself something else afterwards. */
  renamed?: boolean;
}

const MAX_KEPT = 8192;
/** Questions in one step; a device that asks on and on would keep us answering. */
const MAX_QUESTIONS = 16;

/** Carries out a step: types it, answers what the device asks, waits for the prompt after it. */
export async function tell(dialogue: Dialogue, step: Step, options: TellOptions): Promise<Said> {
  let text = "";
  let secretGiven = false;
  let asked = 0;
  const waiting = {
    after: `after ${JSON.stringify(step.send)}`,
    seconds: Math.max(options.seconds, step.seconds ?? 0),
    questions: step.questions ?? [],
    renamed: options.renamed ?? false,
  };
  dialogue.send(step.send, "platform");
  for (;;) {
    const reply = await dialogue.next(waiting);
    if (reply.kind === "prompt") return { text, prompt: reply.prompt };
    if (reply.kind === "text") text = (text + reply.text).slice(0, MAX_KEPT);
    if (reply.kind !== "question") continue;
    if (++asked > MAX_QUESTIONS) throw asksOn(dialogue, step);
    else if (reply.question.answer === "secret") {
      if (secretGiven) throw wrongSecret(step);
      secretGiven = true;
      dialogue.sendHidden(neededSecret(step, options.secret), "platform");
    } else dialogue.send(reply.question.answer.text, "platform");
  }
}

/** What the device's words mean when it did not do the step; `null` when they are no known denial. */
export function denial(step: Step, text: string): DeviceError | null {
  const lines = text.split("\n").map((line) => line.trim());
  for (const [index, line] of lines.entries()) {
    const found = step.denials?.find(({ says }) => says.test(line));
    // `… locked by:` says who on the next line.
    if (found !== undefined) return denied(found, line.endsWith(":") ? `${line} ${lines[index + 1]}` : line);
  }
  return null;
}

function denied({ type, message }: Denial, words: string): DeviceError {
  return new DeviceError(type, `${message}: ${words}`, { retryable: type === "ConfigLocked" });
}

function asksOn(dialogue: Dialogue, step: Pick<Step, "send">): DeviceError {
  const message = `the device asks on and on after ${JSON.stringify(step.send)}; last received: ${dialogue.shown()}`;
  return new DeviceError("PromptError", message);
}

function neededSecret(step: Step, secret: string | undefined): string {
  if (secret !== undefined) return secret;
  throw new DeviceError(
    "AuthenticationError",
    `the device asks for a password after ${JSON.stringify(step.send)}: give it as connection_args.secret`,
  );
}

function wrongSecret(step: Step): DeviceError {
  return new DeviceError(
    "AuthenticationError",
    `the device did not accept connection_args.secret after ${JSON.stringify(step.send)}`,
  );
}
