import { DeviceError } from "../../../src/device/driver.ts";
import type { Question } from "../platform.ts";
import type { Dialogue } from "./dialogue.ts";

/** Questions before the first prompt: to accept a banner, to change a password, … */
const MAX_QUESTIONS = 8;

/** Waits for the first prompt, and answers what a device asks before it. */
export async function greet(
  dialogue: Dialogue,
  questions: readonly Question[],
  seconds: number,
): Promise<void> {
  for (let asked = 0; asked <= MAX_QUESTIONS; ) {
    const reply = await dialogue.next({ after: "after login", seconds, questions });
    if (reply.kind === "prompt") return;
    if (reply.kind !== "question") continue;
    asked += 1;
    if (reply.question.answer === "secret")
      throw new Error("no platform asks for a second password at login");
    dialogue.send(reply.question.answer.text, "platform");
  }
  throw new DeviceError(
    "PromptError",
    `the device asks on and on after login; last received: ${dialogue.shown()}`,
  );
}
