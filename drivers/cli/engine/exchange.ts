import { DeviceError, type SessionFrame } from "../../../src/device/driver.ts";
import type { Refusals } from "../platform.ts";
import type { Dialogue } from "./dialogue.ts";
import type { Manner } from "./manner.ts";
import { Reading } from "./reading.ts";
import { RefusalScan } from "./refusal.ts";
import type { Waiting } from "./waiting.ts";

export interface Exchange {
  index: number;
  line: string;
  /** The line as it may be shown. */
  shown: string;
  kind: "command" | "config";
  waiting: Waiting;
  manner: Manner;
}

/**
 * Types one line and streams what it prints, until the prompt or what its manner says. Returns the device's
 * words when it refused the line, else `null`. When the wait is cut short, what came until then is still
 * streamed.
 */
export async function* exchange(
  dialogue: Dialogue,
  refusals: Refusals,
  { index, line, shown, kind, waiting, manner }: Exchange,
): AsyncGenerator<SessionFrame, string | null> {
  dialogue.assertGoing();
  const scan = new RefusalScan(refusals, kind);
  const reading = new Reading(dialogue, waiting, manner);
  const data = (text: string): SessionFrame => ({ kind: "data", index, stream: "stdout", text });
  const ends = (ok: boolean): SessionFrame => ({ kind: "end", index, ok, exitStatus: null });
  yield { kind: "start", index };
  if (!manner.stripCommand) yield data(`${shown}\n`);
  try {
    dialogue.send(line);
    for await (const text of reading.run()) {
      scan.take(text);
      yield data(text);
    }
  } catch (error) {
    const rest = reading.hide(dialogue.drain());
    if (rest !== "") yield data(rest);
    if (!manner.closes || error !== dialogue.ended || dialogue.ended?.type !== "ConnectionError") throw error;
    yield ends(true);
    return null;
  } finally {
    reading.stop();
  }
  const refusal = scan.refusal ?? reading.refusal;
  const missed = refusal === null ? reading.missed : null;
  yield ends(refusal === null && missed === null);
  if (missed !== null) throw new DeviceError("CommandError", `${JSON.stringify(shown)} ${missed}`);
  return refusal;
}
