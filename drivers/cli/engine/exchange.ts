import type { SessionFrame } from "../../../src/device/driver.ts";
import type { Question, Refusals } from "../platform.ts";
import type { Dialogue, Waiting } from "./dialogue.ts";
import { RefusalScan } from "./refusal.ts";

export interface Exchange {
  index: number;
  line: string;
  kind: "command" | "config";
  waiting: Waiting;
}

function answer(dialogue: Dialogue, question: Question): void {
  if (question.answer === "secret")
    throw new Error("no line that is typed for a job is answered with a secret");
  dialogue.send(question.answer.text);
}

/**
 * Types one line and streams what it prints, until the prompt. Returns the device's words when it
 * refused the line, else `null`. When the wait is cut short, what came until then is still streamed.
 */
export async function* exchange(
  dialogue: Dialogue,
  refusals: Refusals,
  { index, line, kind, waiting }: Exchange,
): AsyncGenerator<SessionFrame, string | null> {
  dialogue.assertGoing();
  const scan = new RefusalScan(refusals, kind);
  yield { kind: "start", index };
  try {
    dialogue.send(line);
    for (;;) {
      const reply = await dialogue.next(waiting);
      if (reply.kind === "prompt") break;
      if (reply.kind === "question") {
        answer(dialogue, reply.question);
        continue;
      }
      scan.take(reply.text);
      yield { kind: "data", index, stream: "stdout", text: reply.text };
    }
  } catch (error) {
    const rest = dialogue.drain();
    if (rest !== "") yield { kind: "data", index, stream: "stdout", text: rest };
    throw error;
  }
  yield { kind: "end", index, ok: scan.refusal === null, exitStatus: null };
  return scan.refusal;
}
