import type { Clock } from "../../../src/device/driver.ts";
import type { Platform } from "../platform.ts";
import type { Dialogue } from "./dialogue.ts";
import type { Rehearsal } from "./rehearsal.ts";
import { type TellOptions, tell } from "./tell.ts";

/** Seconds for a device to come back to its prompt after an interrupt. */
const INTERRUPT_SECONDS = 2;
/** Seconds for it to leave configuration mode after a failure. */
const LEAVE_SECONDS = 5;
/**
 * Seconds for all of that when nobody wants the rest: the job was aborted, or is over its time or its output.
 * A device that prints on and on is never silent, so this is no wait for silence.
 */
const CUT_SHORT_SECONDS = 0.8;
/** The same where the device would keep what a dry run has opened; within `worker.stop_grace`. */
const DROP_SECONDS = 2.5;

export interface Resting {
  dialogue: Dialogue;
  platform: Platform;
  rehearsal: Rehearsal;
  clock: Clock;
  secret: string | undefined;
  /** Nobody wants the rest of what runs. */
  cutShort: boolean;
  go(mode: string, seconds: number): Promise<void>;
}

/** Interrupts what still runs and leaves configuration mode; false when the device does not follow. */
export async function bringToRest(task: Resting): Promise<boolean> {
  const { dialogue, platform, rehearsal, clock, cutShort, secret, go } = task;
  const hurried = rehearsal.isOpen ? DROP_SECONDS : CUT_SHORT_SECONDS;
  const seconds = cutShort ? hurried : INTERRUPT_SECONDS + LEAVE_SECONDS;
  const late = new AbortController();
  const limit = clock.after(seconds * 1000, () => late.abort());
  dialogue.begin(late.signal);
  try {
    if (!dialogue.atPrompt) await interrupt(dialogue);
    if (rehearsal.isOpen) await rehearsal.drop({ secret, seconds: LEAVE_SECONDS });
    if (platform.commandModes.includes(dialogue.mode ?? "")) return true;
    await dropCandidate(task);
    await go(platform.privilegedMode, LEAVE_SECONDS);
    return true;
  } catch {
    // It does not answer any more, or may not be written to: nothing can be left in order.
    return false;
  } finally {
    limit.cancel();
  }
}

async function interrupt(dialogue: Dialogue): Promise<void> {
  dialogue.interrupt();
  const waiting = { after: "after an interrupt", seconds: INTERRUPT_SECONDS };
  while ((await dialogue.next(waiting)).kind !== "prompt");
}

async function dropCandidate({ dialogue, platform, secret }: Resting): Promise<void> {
  const { candidate, configMode } = platform;
  if (candidate?.drop === undefined || dialogue.mode !== configMode) return;
  const telling: TellOptions = { secret, seconds: LEAVE_SECONDS };
  await tell(dialogue, candidate.drop, telling);
}
