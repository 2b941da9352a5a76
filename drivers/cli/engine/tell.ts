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
}

const MAX_KEPT = 8192;

/** Carries out a step: types it, answers what the device asks, waits for the prompt after it. */
export async function tell(dialogue: Dialogue, step: Step, options: TellOptions): Promise<Said> {
  let text = "";
  let secretGiven = false;
  const waiting = {
    after: `after ${JSON.stringify(step.send)}`,
    seconds: options.seconds,
    questions: step.questions ?? [],
  };
  dialogue.send(step.send);
  for (;;) {
    const reply = await dialogue.next(waiting);
    if (reply.kind === "prompt") return { text, prompt: reply.prompt };
    if (reply.kind === "text") text = (text + reply.text).slice(0, MAX_KEPT);
    else if (reply.question.answer === "secret") {
      if (secretGiven) throw wrongSecret(step);
      secretGiven = true;
      dialogue.sendHidden(neededSecret(step, options.secret));
    } else dialogue.send(reply.question.answer.text);
  }
}

/** What the device's words mean when it did not do the step; `null` when they are no known denial. */
export function denial(step: Step, text: string): DeviceError | null {
  for (const line of text.split("\n")) {
    const found = step.denials?.find(({ says }) => says.test(line.trim()));
    if (found !== undefined) return denied(found, line.trim());
  }
  return null;
}

function denied({ type, message }: Denial, words: string): DeviceError {
  return new DeviceError(type, `${message}: ${words}`, { retryable: type === "ConfigLocked" });
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
