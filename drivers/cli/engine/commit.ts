import { DeviceError } from "../../../src/device/driver.ts";
import type { Candidate, Commit, Platform } from "../platform.ts";
import type { Dialogue } from "./dialogue.ts";
import { RefusalScan } from "./refusal.ts";
import { denial, type TellOptions, tell } from "./tell.ts";

export interface Committing {
  dialogue: Dialogue;
  platform: Platform;
  candidate: Candidate;
  telling: TellOptions;
  /** After how many seconds the device takes the commit back unless it is confirmed; `undefined`: never. */
  trial: number | undefined;
  /** Hides secrets in the device's words. */
  words(text: string): string;
}

/** Most of what an error shows of a device's words. */
const SHOWN = 600;

/** Puts the candidate into force. Throws a `DeviceError` when the device did not do so. */
export async function commit(task: Committing): Promise<void> {
  const { trial, candidate } = task;
  if (trial !== undefined) return await tryOut(task, trial);
  try {
    await carryOut(task, candidate.commit);
  } catch (error) {
    if (!(error instanceof DeviceError) || /^Config/.test(error.type) || task.dialogue.aborted) throw error;
    throw reworded(error, "whether the commit took place is not known");
  }
}

function reworded(error: DeviceError, words: string): DeviceError {
  return new DeviceError(error.type, `${words}: ${error.message}`, {
    retryable: error.retryable,
    cause: error,
  });
}

/**
 * The prompt after a trial commit was written before all of it was in force, so the device is asked once
 * more: only one that still hears us gets the commit that makes it permanent.
 */
async function tryOut(task: Committing, seconds: number): Promise<void> {
  const { dialogue, candidate, telling } = task;
  let made = false;
  try {
    await carryOut(task, trialOf(candidate, seconds));
    made = true;
    await tell(dialogue, { send: "" }, telling);
    const { commit, trial } = candidate;
    await carryOut(task, { ...commit, send: trial?.confirm ?? commit.send });
  } catch (error) {
    const refused = error instanceof DeviceError && !made && /^Config/.test(error.type);
    if (!(error instanceof DeviceError) || refused || dialogue.aborted) throw error;
    throw reworded(error, `the commit was not confirmed, so the device takes it back within ${seconds} s`);
  }
}

function trialOf({ commit, trial }: Candidate, seconds: number): Commit {
  if (trial === null) throw new Error("unchecked trial commit");
  const time = String(Math.ceil(seconds / trial.unit));
  return { ...commit, send: trial.send.replace("{time}", time), success: trial.success };
}

async function carryOut(task: Committing, step: Commit): Promise<void> {
  const { dialogue, platform, telling } = task;
  const { text } = await tell(dialogue, step, telling);
  const denied = denial(step, text);
  if (denied === null && succeeded(platform, step, text)) return;
  if (denied !== null && denied.type !== "ConfigError") throw denied;
  const said = [text, await explanation(task)].map((each) => each.trim()).filter((each) => each !== "");
  throw new DeviceError("ConfigError", `the commit failed: ${task.words(said.join("\n")).slice(0, SHOWN)}`);
}

/** Whether a device says that it did so; where it says nothing, it must not have refused. */
export function succeeded(platform: Platform, step: Pick<Commit, "success">, text: string): boolean {
  if (step.success !== null) return step.success.test(text);
  const scan = new RefusalScan(platform.refusals, "config");
  scan.take(text);
  return scan.refusal === null;
}

async function explanation({ candidate, dialogue, telling }: Committing): Promise<string> {
  if (candidate.explain === null) return "";
  return (await tell(dialogue, { send: candidate.explain }, telling)).text;
}
