import { DeviceError } from "../../../src/device/driver.ts";
import type { Platform, Rehearsed, Step } from "../platform.ts";
import type { Dialogue } from "./dialogue.ts";
import { denial, type TellOptions, tell } from "./tell.ts";

interface Parts {
  dialogue: Dialogue;
  platform: Platform;
  /** A word that no one else has. */
  unique(): string;
  go(mode: string, seconds: number): Promise<void>;
}

/**
 * The device's session of configuration in which a dry run is typed. It outlives the connection, so it is known here
 * from before it is opened until it was dropped, however the run ends.
 */
export class Rehearsal {
  readonly #parts: Parts;
  /** Opens it, and leads back into it when the lines of a job have left it. */
  #enter: Step | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get isOpen(): boolean {
    return this.#enter !== null;
  }

  /** Throws a `DeviceError` when the device does not open it. */
  async open({ mode, enter }: Rehearsed, telling: TellOptions): Promise<void> {
    const { dialogue, platform, unique, go } = this.#parts;
    await go(platform.privilegedMode, telling.seconds);
    const step = { ...enter, send: enter.send.replace("{unique}", unique()) };
    this.#enter = step;
    const { text, prompt } = await tell(dialogue, step, telling);
    if (prompt.mode === mode) return;
    this.#enter = null;
    const said = JSON.stringify(text.trim().slice(0, 300));
    throw (
      denial(step, text) ??
      new DeviceError(
        "ConfigError",
        `${JSON.stringify(step.send)} led into no session, without which there is no dry run: the device said ${said}`,
      )
    );
  }

  /** From wherever the device is. What drops it is not typed below its top, where it may mean something else. */
  async drop(telling: TellOptions): Promise<void> {
    const { dialogue, platform, go } = this.#parts;
    const { rehearsal, privilegedMode } = platform;
    if (this.#enter === null || rehearsal === null) return;
    if (dialogue.mode !== rehearsal.mode) {
      await go(privilegedMode, telling.seconds);
      await tell(dialogue, this.#enter, telling);
    }
    await go(privilegedMode, telling.seconds);
    this.#enter = null;
  }
}
