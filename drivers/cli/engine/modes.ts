import { DeviceError } from "../../../src/device/driver.ts";
import type { Platform } from "../platform.ts";
import type { Dialogue } from "./dialogue.ts";
import { denial, type TellOptions, tell } from "./tell.ts";

/** More than the longest way through any platform's modes. */
const MAX_STEPS = 8;

/**
 * Goes to a mode from wherever the device is, a step at a time; after each it looks where the device
 * really went. Throws a `DeviceError` that says which step did not work and what the device answered.
 */
export async function goTo(
  dialogue: Dialogue,
  platform: Platform,
  target: string,
  options: TellOptions,
): Promise<void> {
  for (let taken = 0; dialogue.mode !== target; taken++) {
    const { mode: from, prompt: place } = dialogue;
    const next = from === null ? null : nextMode(platform, from, target);
    const step = from === null || next === null ? undefined : platform.modes[from]?.steps[next];
    if (step === undefined || taken === MAX_STEPS) {
      throw new DeviceError("PromptError", `there is no way from mode ${from} to ${target} on this device`);
    }
    const { text, prompt } = await tell(dialogue, step, options);
    if (prompt.mode !== from || (step.climbs && prompt.text !== place)) continue;
    const words = JSON.stringify(text.trim().slice(0, 300));
    throw (
      denial(step, text) ??
      new DeviceError(
        "PromptError",
        `${JSON.stringify(step.send)} did not lead from mode ${from} to ${next}: the device said ${words}`,
      )
    );
  }
}

/** The first step of the shortest way, or `null` when there is none. */
export function nextMode(platform: Platform, from: string, target: string): string | null {
  const cameFrom = new Map<string, string>([[from, from]]);
  const queue = [from];
  for (let mode = queue.shift(); mode !== undefined; mode = queue.shift()) {
    if (mode === target) return firstStep(cameFrom, from, target);
    for (const neighbour of Object.keys(platform.modes[mode]?.steps ?? {})) {
      if (cameFrom.has(neighbour)) continue;
      cameFrom.set(neighbour, mode);
      queue.push(neighbour);
    }
  }
  return null;
}

function firstStep(cameFrom: ReadonlyMap<string, string>, from: string, target: string): string | null {
  let step = target;
  for (let before = cameFrom.get(step); before !== from; before = cameFrom.get(step)) {
    if (before === undefined) return null;
    step = before;
  }
  return step === from ? null : step;
}
